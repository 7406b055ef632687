"""What can be asked of the channels that tell people and programs something."""
