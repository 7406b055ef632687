"""What the steps of a report do."""
