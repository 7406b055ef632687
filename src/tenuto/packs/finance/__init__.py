"""Fund operations."""
