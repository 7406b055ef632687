"""A demonstration of workflows written as YAML."""
