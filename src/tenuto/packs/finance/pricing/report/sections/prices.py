"""How a price and its instrument are written."""

from decimal import Decimal

from tenuto.activities.documents.figures import trimmed, words
from tenuto.activities.documents.tables import Cell, cell

_UNITS = {"per100": "per 100 nominal"}


def price_text(price: Decimal | None, currency: str | None = None, unit: str | None = None) -> str:
    """`1,234.50 EUR`, `98.125 EUR per 100 nominal`, `412 GBX`, or `no price`."""
    if price is None:
        return "no price"
    if unit == "GBX":
        return f"{trimmed(price, 2)} GBX"
    parts = [trimmed(price, 2), currency or "", _UNITS.get(unit or "", "")]
    return " ".join(part for part in parts if part)


def instrument_cell(instrument_id: str, name: str = "", *notes: str) -> Cell:
    """Its name with the id below, or the id alone."""
    if name and name != instrument_id:
        return cell(words(name), words(instrument_id), *notes)
    return cell(words(instrument_id), *notes)
