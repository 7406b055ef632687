"""What the commands of `tenuto triggers` do and show."""
