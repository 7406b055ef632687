"""The arithmetic of a NAV: pure functions of records and exact numbers, safe to replay."""
