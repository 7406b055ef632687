"""Bodies of the calculate entries: they read, call the pure mathematics, and answer."""
