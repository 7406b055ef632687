"""Pictures of plans: as Mermaid text, and as SVG."""
