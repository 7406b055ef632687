"""Closed runs become a ledger that shows every changed byte."""
