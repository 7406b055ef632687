"""Daily NAV: from positions and prices to a net asset value per unit, and who was told."""
