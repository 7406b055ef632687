"""Runs a plan: one workflow, one file per kind of task, an explicit stack of frames."""
