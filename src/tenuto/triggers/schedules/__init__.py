"""Schedules as code: what is written, what the server has, and how the second follows the first."""
