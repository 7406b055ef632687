"""What `tenuto schedule` shows and asks."""
