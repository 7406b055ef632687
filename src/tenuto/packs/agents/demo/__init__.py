"""`tenuto demo agent`: a governed agent, from a refused start to verified evidence."""
