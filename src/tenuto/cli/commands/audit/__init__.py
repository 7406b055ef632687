"""`tenuto audit` and its verbs."""
