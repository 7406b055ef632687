"""From raw differences to breaks: class, value, priority, life."""
