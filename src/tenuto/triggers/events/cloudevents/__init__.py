"""CloudEvents over HTTP: read, and routed to runs."""
