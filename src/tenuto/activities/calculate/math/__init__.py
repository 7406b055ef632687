"""Pure mathematics of the calculate entries: no store, no clock, no engine."""
