"""Approvals that a run votes on itself: of runs begun before each became a task for people."""
