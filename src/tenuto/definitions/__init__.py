"""Workflows as YAML: load, check, plan, graph, convert. The plan is data and replay-safe."""
