"""Rules as code: load, validate, decide."""
