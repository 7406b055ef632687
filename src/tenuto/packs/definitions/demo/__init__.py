"""`tenuto demo definition`: one definition, from a broken draft to a finished run."""
