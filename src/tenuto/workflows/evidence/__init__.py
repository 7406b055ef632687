"""The exporter of the audit trail as a workflow."""
