"""What definitions call besides the catalog: approvals, policy, HTTP, events, other plans."""
