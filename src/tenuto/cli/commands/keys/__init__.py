"""`tenuto keys` and its verbs."""
