"""What `:86:` says in its structured forms; the text itself is always kept whole."""

import re
from dataclasses import dataclass

_SUBFIELD = re.compile(r"\?(\d{2})", re.ASCII)
_KEYWORD = re.compile(r"(?:^|(?<=[ +\n]))(EREF|KREF|MREF|CRED|DEBT|SVWZ|ABWA|IBAN|BIC)\+")
_SLASHED = re.compile(r"/(EREF|ORDP|BENM|REMI|NAME|MARF|PREF|TRCD)/")


@dataclass(frozen=True, kw_only=True)
class Said:
    """The facts a structured narrative names."""

    code: str | None = None
    """Business transaction code, three digits."""
    end_to_end_reference: str | None = None
    counterparty: str | None = None


def said_in(narrative: str | None) -> Said:
    """The facts in `166?00...?20EREF+...?32NAME` or `/EREF/.../NAME/...`; none in free text."""
    if not narrative:
        return Said()
    joined = narrative.replace("\n", "")
    code = re.match(r"(\d{3})(?=\?)", joined, re.ASCII)
    if code:
        parts = _SUBFIELD.split(joined[3:])
        fields: dict[str, str] = {}
        for number, text in zip(parts[1::2], parts[2::2], strict=True):
            fields[number] = fields.get(number, "") + text
        # A line end between subfields: keywords stand at their beginning, values run on.
        purpose = "\n".join(fields.get(str(each), "") for each in (*range(20, 30), *range(60, 64)))
        name = (fields.get("32", "") + fields.get("33", "")).strip()
        return Said(
            code=code[1],
            end_to_end_reference=_after(_KEYWORD, "EREF", purpose),
            counterparty=name or None,
        )
    return Said(
        end_to_end_reference=_after(_SLASHED, "EREF", joined),
        counterparty=_after(_SLASHED, "NAME", joined),
    )


def _after(keywords: re.Pattern[str], wanted: str, text: str) -> str | None:
    parts = keywords.split(text)
    for keyword, value in zip(parts[1::2], parts[2::2], strict=True):
        if keyword == wanted:
            plain = value.replace("\n", "").strip().rstrip("/")
            return None if plain in ("", "NOTPROVIDED") else plain
    return None
