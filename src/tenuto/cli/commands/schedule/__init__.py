"""`tenuto schedule`: one module per command."""
