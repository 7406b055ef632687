"""What the commands of `tenuto policy` do and show."""
