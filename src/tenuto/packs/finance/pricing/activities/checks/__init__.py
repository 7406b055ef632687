"""The questions a proposed price is asked, one module each."""
