"""What definitions call: HTTP, OpenAPI, events, other plans, policy."""
