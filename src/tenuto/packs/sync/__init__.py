"""Data of other systems, brought here on schedules, and every row counted."""
