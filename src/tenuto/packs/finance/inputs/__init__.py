"""Files of operations teams as typed tables, shared by all finance packs."""
