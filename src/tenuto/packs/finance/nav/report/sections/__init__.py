"""What each section of the PDF says: one module for each, figures as ready-made words."""
