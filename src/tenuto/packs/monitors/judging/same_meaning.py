"""Texts that differ in spelling alone: dates, numbers, white space, quotes, letter case."""

import re
import unicodedata
from datetime import date
from decimal import Decimal

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = (
    r"(?P<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_DAY = r"(?P<day>[0-3]?[0-9])(?:st|nd|rd|th)?"
_YEAR = r"(?:,? +(?P<year>[12][0-9]{3}))?"
_MONTH_FIRST = re.compile(rf"\b{_MONTH} +(?:the +)?{_DAY}{_YEAR}(?![0-9]|[.:][0-9])")
_DAY_FIRST = re.compile(rf"(?<![0-9.:])\b(?:the +)?{_DAY} +(?:of +)?{_MONTH}{_YEAR}(?![a-z0-9])")
_ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_NUMBER = re.compile(r"(?<![\w.,-])[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?(?![\w,]|\.[0-9])")
_DECIMAL = re.compile(r"(?<![\w.,-])[0-9]+\.[0-9]+(?![\w,]|\.[0-9])")
_QUOTES = str.maketrans("\u2018\u2019\u201c\u201d\u2013\u2014\u2212", "''\"\"---")
"""Typographic quotes, dashes, and the minus sign, as a keyboard writes them."""
_LONGEST = 20_000
"""Longer texts are compared without looking for dates and numbers in them."""


def plain_text(text: str) -> str:
    """The text as comparison sees it: "Sept 12", "September 12th", and "12 September" are equal.

    Compatibility forms of Unicode, runs of white space, letter case, typographic quotes, the full
    stop at the end, thousands separators, and zeros at the end of decimals make no difference.
    """
    folded = unicodedata.normalize("NFKC", text).translate(_QUOTES).casefold()
    folded = " ".join(folded.split()).rstrip(".")
    if len(folded) > _LONGEST:
        return folded
    for pattern in (_MONTH_FIRST, _DAY_FIRST):
        folded = pattern.sub(_written_date, folded)
    folded = _NUMBER.sub(lambda found: _number(found[0]), folded)
    return _DECIMAL.sub(lambda found: _number(found[0]), folded)


def plain_date(text: str) -> str | None:
    """`2026-09-12`, or `--09-12` where no year is written; None where no one date is meant.

    Dates in digits other than ISO 8601 are not read: 03/04 is a different day in different places.
    """
    spelled = " ".join(text.split())
    if _ISO_DATE.match(spelled[:10]) and (len(spelled) == 10 or spelled[10] in "T "):
        return spelled[:10] if _is_date(spelled[:10]) else None
    plain = plain_text(spelled)
    return plain if re.fullmatch(r"(?:[0-9]{4}|-)-[0-9]{2}-[0-9]{2}", plain) else None


def plain_number(text: str) -> str | None:
    """The exact number that stands alone in `text`, without zeros at its end; None for any other.

    A comma separates thousands, a full stop decimals.
    """
    bare = "".join(text.replace("\u2212", "-").split())
    if re.fullmatch(r"[-+]?[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]*)?", bare):
        bare = bare.replace(",", "")
    if len(bare) > 60 or not re.fullmatch(
        r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]{1,2})?", bare
    ):
        return None
    return exact_text(Decimal(bare))


def exact_text(number: Decimal) -> str:
    """The number in digits, without an exponent and without zeros at its end."""
    text = format(number, "f")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in ("-0", "") else text


def _written_date(found: re.Match[str]) -> str:
    month = _MONTHS.index(found["month"][:3]) + 1
    day, year = int(found["day"]), found["year"]
    written = f"{year or '-'}-{month:02}-{day:02}"
    # A leap year where none is written: 29 February is a day.
    return written if _is_date(f"{year or '2024'}-{month:02}-{day:02}") else found[0]


def _is_date(iso: str) -> bool:
    try:
        date.fromisoformat(iso)
    except ValueError:
        return False
    return True


def _number(written: str) -> str:
    return exact_text(Decimal(written.replace(",", "")))
