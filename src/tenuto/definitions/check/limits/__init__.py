"""What the engine would refuse or regret, and what must not be written down."""
