"""What a finished NAV is held against before it is released."""
