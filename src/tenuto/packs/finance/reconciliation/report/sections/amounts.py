"""How amounts of a reconciliation are written."""

from collections.abc import Iterable
from decimal import Decimal

from tenuto.activities.documents.figures import places_of, shortened, trimmed
from tenuto.core.currency import minor_units
from tenuto.packs.finance.reconciliation.models import RecReport


def base_text(value: Decimal | None, report: RecReport) -> str:
    """`1,234.50`, all digits; `missing` where it cannot be converted to base currency."""
    if value is None:
        return "missing"
    return trimmed(value, minor_units(report.base_currency))


def measure_text(value: Decimal | None, places: int = 0) -> str:
    """Of the measure: all digits, at least `places` decimals; `missing` where there is none."""
    return "missing" if value is None else trimmed(value, places)


def common_places(values: Iterable[Decimal | None]) -> int:
    """Decimals with which all of these line up: none, or at least two."""
    needed = max((places_of(shortened(each)) for each in values if each is not None), default=0)
    return max(needed, 2) if needed else 0
