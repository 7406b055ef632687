"""Bodies of the pricing steps."""
