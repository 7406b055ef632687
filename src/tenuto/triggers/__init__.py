"""What asks for a run: a person or a program now; schedules and events later."""
