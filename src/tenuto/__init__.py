"""Durable workflow orchestration for Python teams, on Temporal."""

__version__ = "0.1.0"
