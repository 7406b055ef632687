"""Check digits of the identifiers that securities and their parties go by."""

import re
from typing import Literal

IdentifierKind = Literal["isin", "cusip", "sedol", "lei", "figi"]

_FORMS: dict[IdentifierKind, tuple[str, str]] = {
    "isin": (r"[A-Z]{2}[0-9A-Z]{9}[0-9]", "two letters, nine letters or digits, a check digit"),
    "cusip": (r"[0-9A-Z*@#]{8}[0-9]", "eight letters or digits and a check digit"),
    "sedol": (
        r"[0-9B-DF-HJ-NP-TV-Z]{6}[0-9]",
        "six digits or letters that are no vowels, and a check digit",
    ),
    "lei": (r"[0-9A-Z]{18}[0-9]{2}", "eighteen letters or digits and two check digits"),
    "figi": (
        r"(?!(?:BS|BM|GG|GB|GH|KY|VG))[B-DF-HJ-NP-TV-Z]{2}G[0-9B-DF-HJ-NP-TV-Z]{8}[0-9]",
        "two consonants, `G`, eight digits or consonants, and a check digit",
    ),
}
_CUSIP_EXTRA = {"*": 36, "@": 37, "#": 38}
_SEDOL_WEIGHTS = (1, 3, 1, 7, 3, 9)


def identifier_problem(kind: IdentifierKind, value: str) -> str | None:
    """What is wrong with `value` as an identifier of that kind, or None.

    Methods: ISIN ISO 6166 (letters as 10 to 35, then Luhn); CUSIP the CUSIP manual (double add
    double); SEDOL the London Stock Exchange's weights; LEI ISO 17442 by ISO 7064 MOD 97-10;
    FIGI the Object Management Group's standard, as CUSIP. Says nothing on whether it was issued.
    """
    pattern, form = _FORMS[kind]
    name = kind.upper()
    if not re.fullmatch(pattern, value):
        written = normalise(kind, value)
        if written != value and re.fullmatch(pattern, written):
            return f"{value[:40]!r} is not written as an {name}; write {written!r}"
        return f"{value[:40]!r} has not the form of an {name}: {form}"
    digits = 2 if kind == "lei" else 1
    found, expected = value[-digits:], check_digits(kind, value[:-digits])
    if found == expected:
        return None
    return f"{value!r} is no {name}: it ends in {found}, and its check digits are {expected}"


def normalise(kind: IdentifierKind, value: str) -> str:
    """`value` in capitals, without blanks and hyphens around and in it.

    A CUSIP or SEDOL that lost leading zeros to a spreadsheet gets them back.
    """
    plain = re.sub(r"[\s-]", "", value).upper()
    width = {"cusip": 9, "sedol": 7}.get(kind)
    return plain.zfill(width) if width and plain.isdigit() else plain


def check_digits(kind: IdentifierKind, body: str) -> str:
    """The check digits that complete `body`: all of an identifier but its check digits."""
    match kind:
        case "isin":
            return _luhn("".join(str(int(each, 36)) for each in body))
        case "sedol":
            pairs = zip(body, _SEDOL_WEIGHTS, strict=True)
            return str(-sum(int(each, 36) * weight for each, weight in pairs) % 10)
        case "lei":
            return f"{98 - int(''.join(str(int(each, 36)) for each in body + '00')) % 97:02}"
        case "cusip" | "figi":
            return _double_add_double(body)


def _luhn(digits: str) -> str:
    """The Luhn check digit: every second digit from the right is doubled."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 == 0 else 1)
        total += value // 10 + value % 10
    return str(-total % 10)


def _double_add_double(body: str) -> str:
    """Every second character from the left counts double; the digits of all are added."""
    total = 0
    for place, each in enumerate(body):
        value = _CUSIP_EXTRA.get(each)
        value = int(each, 36) if value is None else value
        value *= 2 if place % 2 else 1
        total += value // 10 + value % 10
    return str(-total % 10)
