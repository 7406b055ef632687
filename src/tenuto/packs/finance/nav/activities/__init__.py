"""The bodies of the Daily NAV steps, one file per step."""
