"""What the commands of `tenuto audit` do."""
