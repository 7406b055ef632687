"""The value that a text has as a field of a schema: exact, in one form, or none."""

import re
from decimal import Decimal

from pydantic import JsonValue

from tenuto.packs.monitors.judging.same_meaning import exact_text, plain_date, plain_number
from tenuto.packs.monitors.models import SchemaField

LONGEST = 2_000
_YES = frozenset({"true", "yes", "y", "1", "on"})
_NO = frozenset({"false", "no", "n", "0", "off"})
_NUMBER_IN_TEXT = re.compile(
    r"(?<![\w.,])[-+\u2212]?(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]+)?(?![\w]|[.,][0-9])"
)


def value_of(
    field: SchemaField, found: JsonValue | Decimal, *, decimal_comma: bool = False
) -> JsonValue:
    """What `found` says about `field`; None where it does not say.

    Text as it stands, without white space at its ends; a number as exact text in digits; a date
    as `YYYY-MM-DD`, or `--MM-DD` where no year is written; a truth value; one of the options.
    Raises ValueError where it says something that the field cannot be.
    """
    if found is None or (isinstance(found, str) and not found.strip()):
        return None
    reads = {"number": _number, "date": _date, "bool": _bool, "enum": _option, "string": _text}
    return reads[field.type](field, _swapped(found) if decimal_comma else found)


def _text(field: SchemaField, found: JsonValue | Decimal) -> JsonValue:
    if isinstance(found, str):
        return found.strip()[:LONGEST]
    if isinstance(found, list):
        return [_text(field, each) for each in found]
    if isinstance(found, bool | dict) or found is None:
        raise ValueError("expected a text")
    return _exact(found)


def _number(_: SchemaField, found: JsonValue | Decimal) -> JsonValue:
    if isinstance(found, str):
        alone = plain_number(found)
        if alone is not None:
            return alone
        within = _NUMBER_IN_TEXT.findall(found[:LONGEST])
        alone = plain_number(within[0]) if len(within) == 1 else None
        if alone is None:
            raise ValueError("expected one number")
        return alone
    if isinstance(found, int | float | Decimal) and not isinstance(found, bool):
        return _exact(found)
    raise ValueError("expected a number")


def _date(_: SchemaField, found: JsonValue | Decimal) -> JsonValue:
    read = plain_date(found) if isinstance(found, str) else None
    if read is None:
        raise ValueError("expected a date such as 2026-09-12 or September 12, 2026")
    return read


def _bool(_: SchemaField, found: JsonValue | Decimal) -> JsonValue:
    if isinstance(found, bool):
        return found
    word = str(found).strip().casefold()
    if word not in _YES | _NO:
        raise ValueError("expected true or false")
    return word in _YES


def _option(field: SchemaField, found: JsonValue | Decimal) -> JsonValue:
    word = str(found).strip().casefold()
    for option in field.options:
        if option.strip().casefold() == word:
            return option
    raise ValueError(f"expected one of {', '.join(field.options)}")


def _exact(number: float | Decimal) -> str:
    exact = number if isinstance(number, Decimal) else Decimal(repr(number))
    if not exact.is_finite() or abs(exact.adjusted()) > 60:
        raise ValueError("expected a number of at most 60 digits")
    return exact_text(exact)


def _swapped(found: JsonValue | Decimal) -> JsonValue | Decimal:
    return found.translate(str.maketrans(".,", ",.")) if isinstance(found, str) else found
