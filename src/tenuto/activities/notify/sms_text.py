"""How operators count a text message: segments of GSM-7 or UCS-2 (3GPP TS 23.038, 23.040)."""

import re
from typing import NamedTuple

from tenuto.core.errors import DataError

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
"""TS 23.038, 6.2.1: one septet each."""
_EXTENDED = frozenset("^{}\\[~]|€\f")
"""TS 23.038, 6.2.1.1: an escape and a septet."""

_E164 = re.compile(r"\+[1-9][0-9]{6,14}")


class Segments(NamedTuple):
    """What a text costs."""

    alphabet: str
    """`GSM-7` or `UCS-2`."""
    parts: int


def count_segments(text: str) -> Segments:
    """How a text is cut: 160 septets or 70 UTF-16 units alone, 153 or 67 in each of several.

    An escape sequence or a surrogate pair is never cut in two.
    """
    if all(char in _BASIC or char in _EXTENDED for char in text):
        widths = [2 if char in _EXTENDED else 1 for char in text]
        return Segments("GSM-7", _cut(widths, alone=160, each=153))
    widths = [2 if ord(char) > 0xFFFF else 1 for char in text]
    return Segments("UCS-2", _cut(widths, alone=70, each=67))


def telephone(number: str) -> str:
    """`number` without spaces, if it is E.164. Raises DataError `notify.number-invalid`."""
    plain = re.sub(r"[\s()./-]", "", number)
    if _E164.fullmatch(plain) is None:
        raise DataError(
            f"{number!r} is not a telephone number in the form E.164; write + and the country "
            "code, for example +442079460000",
            code="notify.number-invalid",
        )
    return plain


def _cut(widths: list[int], *, alone: int, each: int) -> int:
    if sum(widths) <= alone:
        return 1
    count, left = 1, each
    for width in widths:
        if width > left:
            count, left = count + 1, each
        left -= width
    return count
