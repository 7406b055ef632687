"""Bodies of the steps that ask the engine about a monitor."""
