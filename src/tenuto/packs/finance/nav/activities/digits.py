"""How numbers from columns are written in records: the same value, without filler zeros."""

from decimal import Decimal


def plain(value: Decimal) -> Decimal:
    """`value` without trailing zeros after the point and never in exponent form."""
    text = f"{value:f}"
    return Decimal(text.rstrip("0").rstrip(".")) if "." in text else Decimal(text)
