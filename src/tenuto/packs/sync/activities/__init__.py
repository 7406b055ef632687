"""What Sync does outside of workflows."""
