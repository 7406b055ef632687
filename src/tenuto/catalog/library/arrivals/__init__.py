"""Files that arrive: what looking for them takes and gives."""
