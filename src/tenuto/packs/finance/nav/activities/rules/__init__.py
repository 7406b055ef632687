"""What can be wrong with inputs that could be read."""
