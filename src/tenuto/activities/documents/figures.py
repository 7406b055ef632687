"""How a number, a date, and a name are written in a report. Nothing here rounds an amount."""

import re
import unicodedata
from datetime import UTC, date, datetime
from decimal import Context, Decimal, Inexact

from tenuto.core.errors import DataError
from tenuto.core.money import RoundingMode, multiply, round_to

MINUS = "\u2212"
NO_VALUE = "\u2013"
"""For a cell that has no value by its nature. What should be there and is not says `missing`."""

_UNSHOWABLE = re.compile(
    "[^\u0020-\u007e\u00a0-\u00ac\u00ae-\u024f\u0391-\u03a1\u03a3-\u03ff\u0400-\u04ff"
    "\u1e00-\u1eff\u2010-\u2027\u2030-\u203a\u20a0-\u20bf\u2122\u2190-\u2193\u2200-\u22ff]"
)
STAND_IN = "\u25af"
"""For a character that the PDF's fonts do not have."""

_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
"""Not by `strftime`, which speaks the language of the process."""

# Formatting must not round, and `abs` and friends round to the thread's context.
_EXACT = Context(prec=200, traps=[Inexact])

_LONGEST_NAME = 400
_LONG_RUN = re.compile(r"\S{25,}")
_BREAK = "\u200b"


def amount(value: Decimal, places: int = 0) -> str:
    """`1,234.50`: all digits of `value`, at least `places` decimals, a true minus sign."""
    decimals = max(places, -_exponent(value))
    text = f"{value.copy_abs():,.{decimals}f}"
    return MINUS + text if value < 0 else text


def trimmed(value: Decimal, places: int = 0) -> str:
    """As `amount`, without the zeros at the end that go beyond `places` decimals."""
    return amount(shortened(value), places)


def signed(value: Decimal, places: int = 0) -> str:
    """As `amount`, with a plus where it is positive."""
    return "+" + amount(value, places) if value > 0 else amount(value, places)


def percent(value: Decimal, places: int = 2) -> str:
    """A fraction as percent, rounded half-even for reading: `0.01236` is `1.24%`."""
    return amount(round_to(multiply(value, 100), places, RoundingMode.HALF_EVEN), places) + "%"


def exact_percent(value: Decimal, places: int = 2) -> str:
    """A fraction as percent with all its digits."""
    return trimmed(multiply(value, 100), places) + "%"


def day(value: date) -> str:
    """`28 December 2022`."""
    return f"{value.day} {_MONTHS[value.month - 1]} {value.year}"


def short_day(value: date) -> str:
    """`28 Dec 2022`."""
    return f"{value.day} {_MONTHS[value.month - 1][:3]} {value.year}"


def count(number: int, one: str, many: str) -> str:
    """`1 day`, `2,000 days`."""
    return f"{number:,} {one if number == 1 else many}"


def places_of(value: Decimal) -> int:
    """How many decimals `value` is written with."""
    return max(0, -_exponent(value))


def words(text: str) -> str:
    """A name as `prose` writes it, cut after 400 characters, since a row of a table ends somewhere.

    The workbook has it in full.
    """
    return prose(text if len(text) <= _LONGEST_NAME else text[:_LONGEST_NAME] + "\u2026")


def brief(text: str, longest: int) -> str:
    """As `words`, cut to what fits beside a bar or under one."""
    line = " ".join(text.split())
    return words(line if len(line) <= longest else line[: longest - 1].rstrip() + "\u2026")


def moment(value: datetime) -> str:
    """`2022-12-28 17:05 UTC`."""
    return f"{value.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def prose(text: str) -> str:
    """`text` on one line, showable by the PDF's fonts, with places to break long runs at."""
    line = " ".join(unicodedata.normalize("NFC", text).split())
    shown = _UNSHOWABLE.sub(STAND_IN, line)
    return _LONG_RUN.sub(lambda run: _BREAK.join(_pieces(run[0])), shown)


def shortened(value: Decimal) -> Decimal:
    """The same number without zeros at the end of its decimals, never in exponent form."""
    short = value.normalize(_EXACT)
    return short.quantize(Decimal(1), context=_EXACT) if _exponent(short) > 0 else short


def _pieces(run: str) -> list[str]:
    return [run[start : start + 8] for start in range(0, len(run), 8)]


def _exponent(value: Decimal) -> int:
    exponent = value.as_tuple().exponent
    if not isinstance(exponent, int):
        raise DataError(
            f"{value} is not a number that a report can show; the result is damaged",
            code="report.not-a-number",
        )
    return exponent
