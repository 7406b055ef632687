"""Templates filled with rows, in a process of their own."""
