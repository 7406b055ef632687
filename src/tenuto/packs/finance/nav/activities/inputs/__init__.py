"""From the files people send to typed tables."""
