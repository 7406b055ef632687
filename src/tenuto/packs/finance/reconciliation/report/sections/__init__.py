"""What each section of the break report says, figures as ready-made words."""
