"""What is in the destination against what the API has."""

from pathlib import Path
from typing import Any

import duckdb

from tenuto.packs.sync.demo.shop import Shop


def counted(file: Path, shop: Shop) -> dict[str, Any]:
    """Orders the API has, orders that are loaded, and what is wrong with these: lost, repeated, or
    stale, which is loaded and since then corrected."""
    with duckdb.connect(str(file), read_only=True) as connection:
        query = "SELECT id, CAST(day AS VARCHAR), amount FROM orders"
        rows = connection.execute(query).fetchall()
    expected = shop.orders()
    loaded = {key: (day, amount) for key, day, amount in rows}
    stale = [key for key, value in loaded.items() if key in expected and expected[key] != value]
    return {
        "expected": len(expected),
        "loaded": len(loaded),
        "lost": len(expected.keys() - loaded.keys()),
        "repeated": len(rows) - len(loaded),
        "stale": len(stale),
    }
