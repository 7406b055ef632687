"""Statements of banks and custodians, whatever the message, as the same tables."""
