"""Loading with dlt, in a process of its own."""
