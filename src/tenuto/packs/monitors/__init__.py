"""The web watched for a condition, and people told when it is met."""
