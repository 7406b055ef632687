"""What the commands of `tenuto definition` do and show."""
