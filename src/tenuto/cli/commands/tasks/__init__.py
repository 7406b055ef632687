"""`tenuto tasks`: one module per verb."""
