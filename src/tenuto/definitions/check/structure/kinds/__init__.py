"""The form of every kind of task, as JSON Schemas: one file per kind."""
