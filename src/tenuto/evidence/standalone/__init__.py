"""A program that travels with a bundle and runs where nothing else is."""
