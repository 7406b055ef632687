"""CSV files of a folder or a bucket."""
