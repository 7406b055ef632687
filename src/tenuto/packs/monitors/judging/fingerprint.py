"""One fingerprint for states that say the same, however they were written down."""

import json
import math
import unicodedata
from collections.abc import Mapping
from decimal import Decimal

from pydantic import JsonValue

from tenuto.core.canonical import canonical_json, canonical_sha256

METADATA = "_metadata"
"""The key of what is known about a state and is not part of it."""

_DIGITS = 16


def fingerprint(state: Mapping[str, JsonValue]) -> str:
    """Sixteen hexadecimal digits: SHA-256 of the state's canonical JSON, `_metadata` left out.

    The order of keys and of list items, the Unicode form of texts, and `1` against `1.0` make no
    difference; everything else does.
    """
    bare = {name: value for name, value in state.items() if name != METADATA}
    return canonical_sha256(in_one_form(bare))[:_DIGITS]


def in_one_form(value: JsonValue) -> JsonValue:
    """The value with texts in NFC, whole numbers as integers, and list items in a fixed order."""
    if isinstance(value, str):
        return unicodedata.normalize("NFC", value)
    if isinstance(value, float):
        return _exact(value)
    if isinstance(value, list):
        return sorted((in_one_form(each) for each in value), key=canonical_json)
    if isinstance(value, dict):
        return _with_plain_keys(value)
    return value


def _with_plain_keys(value: Mapping[str, JsonValue]) -> JsonValue:
    named = {unicodedata.normalize("NFC", name): in_one_form(each) for name, each in value.items()}
    if len(named) == len(value):
        return named
    # Two keys that differ in their Unicode form alone: nothing of either is lost as pairs.
    pairs: list[JsonValue] = [
        [unicodedata.normalize("NFC", name), in_one_form(each)] for name, each in value.items()
    ]
    return sorted(pairs, key=json.dumps)


def _exact(number: float) -> JsonValue:
    """By its shortest decimal form: 1e23 is the integer that people mean."""
    if not math.isfinite(number):
        return str(number)
    exact = Decimal(repr(number))
    return int(exact) if exact == exact.to_integral_value() else number
