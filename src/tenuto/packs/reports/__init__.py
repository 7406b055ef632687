"""Reports: a query, templates, and the people who get them."""
