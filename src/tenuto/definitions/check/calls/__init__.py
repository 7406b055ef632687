"""What calls reach, and whether their arguments fit."""
