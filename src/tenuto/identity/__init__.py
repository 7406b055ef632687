"""Who asks, and how it is proved: principals, keys, signed tickets and permits."""
