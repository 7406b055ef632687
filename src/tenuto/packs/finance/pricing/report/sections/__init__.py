"""What each section of the pricing report says, figures as ready-made words."""
