"""Calculations of fund accounting as single steps: accruals, fees, share classes."""
