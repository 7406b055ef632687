"""`tenuto definition`: one module per verb."""
