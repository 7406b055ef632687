"""The business: one folder for each domain, each using only what a customer's pack could use."""
