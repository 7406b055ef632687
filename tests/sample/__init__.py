"""A small pack that the tests run through real workers: every way a run can go, on request."""
