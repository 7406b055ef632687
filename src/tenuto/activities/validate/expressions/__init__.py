"""The language of rule files: text to tokens to a tree to Polars, and nothing else."""
