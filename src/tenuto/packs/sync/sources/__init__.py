"""Where data comes from: what each kind of source is told, and how it is read."""
