"""The inbox: which tasks wait for whom, and what people do with them, through the gate."""
