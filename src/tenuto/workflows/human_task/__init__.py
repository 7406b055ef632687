"""A task for people as a workflow: what may be said to it, what it counts, and its timetable."""
