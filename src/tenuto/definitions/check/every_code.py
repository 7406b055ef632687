"""All codes of findings, from every part of the check."""

from tenuto.definitions.check import meaning_codes, reading_codes
from tenuto.definitions.check.structure import codes as structure_codes
from tenuto.definitions.compiling import refused

TABLES: tuple[dict[str, str], ...] = (
    reading_codes.CODES,
    structure_codes.CODES,
    meaning_codes.CODES,
    refused.CODES,
)

CODES: dict[str, str] = {code: table[code] for table in TABLES for code in sorted(table)}
"""Code -> what it means, in one sentence; errors begin with E, warnings with W."""
