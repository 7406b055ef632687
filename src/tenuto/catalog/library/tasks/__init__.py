"""Tasks for people: what is asked, what they say, and what comes of it."""
