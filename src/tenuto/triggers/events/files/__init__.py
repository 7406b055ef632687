"""Files that arrive in a folder or a bucket, each version of each one run."""
