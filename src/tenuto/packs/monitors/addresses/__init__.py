"""Addresses that monitors write to: whose they are is allowed by settings, or proved by a code."""
