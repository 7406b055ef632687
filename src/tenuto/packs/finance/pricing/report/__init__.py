"""The report on one price set: words for a PDF, tables for a workbook."""
