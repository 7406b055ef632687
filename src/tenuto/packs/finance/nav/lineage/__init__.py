"""Where a digit of a released NAV comes from, down to the row of the file it was read from."""
