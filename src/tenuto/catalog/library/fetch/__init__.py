"""Entries that bring data in: from HTTP, databases, files, and bank statements."""
