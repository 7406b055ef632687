"""One day of a fund's operations whose files have faults in them, all of them known."""
