"""The break report on one reconciliation: words for a PDF, tables for a workbook."""
