"""A pack of workflows that ask people."""
