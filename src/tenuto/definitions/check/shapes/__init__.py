"""What shape data has on its way, and what expressions read of it."""
