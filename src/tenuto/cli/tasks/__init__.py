"""How tasks for people look on the command line."""
