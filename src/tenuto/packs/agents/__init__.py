"""Agents under control: a model with tools, policy, people, a budget, and a transcript."""
