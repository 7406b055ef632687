"""The Temporal engine: embedded server, connection, converter, workers, runs."""
