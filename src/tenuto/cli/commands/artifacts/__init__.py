"""`tenuto artifacts`: one module per verb."""
