"""Numbers and missing values of reports: zero is a value, and a column keeps one type."""

from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any


def first_present(row: Mapping[str, Any], names: Iterable[str]) -> Any:
    """The first of these columns that is there and is neither null nor blank; None without one.

    0 and "0" are there: falling through them to another column would count something else.
    """
    for name in names:
        value = row.get(name)
        if not is_missing(value):
            return value
    return None


def is_missing(value: Any) -> bool:
    """Whether `value` is null or blank text. Zero and false are not missing."""
    return value is None or (isinstance(value, str) and not value.strip())


def as_number(value: Any) -> Any:
    """`value` as a Decimal where it is a number or text of one; None where it is missing.

    JSON writes the same column as 5 on one day and as 5.5 on another, and dlt would make two
    columns of it. Anything else stays as it is.
    """
    if is_missing(value):
        return None
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        return value
    try:
        number = Decimal(str(value).strip())
    except InvalidOperation:
        return value
    return number if number.is_finite() else None


def numbers_alike(row: Mapping[str, Any]) -> dict[str, Any]:
    """The row with each of its JSON numbers as a Decimal; text stays text."""
    return {
        name: as_number(value) if isinstance(value, int | float | Decimal) else value
        for name, value in row.items()
    }
