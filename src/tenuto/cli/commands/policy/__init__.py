"""`tenuto policy`: one module per verb."""
