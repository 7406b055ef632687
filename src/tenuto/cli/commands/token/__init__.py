"""`tenuto token` and its verbs."""
