"""Bodies of the shared activity library, and what they stand on."""
