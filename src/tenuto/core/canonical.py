"""JSON with one form per value, so that equal values have equal hashes."""

import hashlib
import json
import math
from collections.abc import Mapping
from typing import NoReturn

from pydantic import BaseModel, JsonValue

from tenuto.core.errors import DataError, UsageError


def canonical_json(value: object) -> bytes:
    """UTF-8 JSON with sorted keys and no white space; models as pydantic writes them.

    Raises UsageError, with the place in the value, for what JSON has no exact form for:
    Decimal (write it as a string), dates, sets, keys that are not strings, NaN and infinity.
    """
    try:
        text = json.dumps(
            _plain(value, "$"), sort_keys=True, ensure_ascii=False, separators=(",", ":")
        )
        return text.encode()
    except (ValueError, RecursionError) as wrong:
        raise UsageError(
            f"This value cannot be written as JSON: {wrong}.", code="artifact.not-json"
        ) from wrong


def canonical_sha256(value: object) -> str:
    """SHA-256 of the canonical JSON of `value`, lower-case hexadecimal. Raises as that does."""
    return hashlib.sha256(canonical_json(value)).hexdigest()


def read_json(data: bytes, described: str) -> JsonValue:
    """The value of a JSON document; `described` names it in the DataError if it is none."""
    try:
        value: JsonValue = json.loads(data, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as wrong:
        raise DataError(
            f"Artifact {described} is not JSON: {wrong}. Read it with "
            "`get_bytes`, or check which artifact was meant.",
            code="artifact.not-json",
        ) from wrong
    return value


def _plain(value: object, where: str) -> JsonValue:
    if isinstance(value, BaseModel):
        return _plain(value.model_dump(mode="json"), where)
    if isinstance(value, Mapping):
        return {_key(k, where): _plain(v, f"{where}.{k}") for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item, f"{where}[{i}]") for i, item in enumerate(value)]
    if isinstance(value, float) and not math.isfinite(value):
        _refuse(where, f"{value}", "a finite number, or null")
    if value is None or isinstance(value, bool | int | float | str):
        return value
    return _refuse(where, f"a {type(value).__name__}", "null, a boolean, number, string or list")


def _key(key: object, where: str) -> str:
    if not isinstance(key, str):
        _refuse(f"a key of {where}", f"{key!r}, a {type(key).__name__}", "a string")
    return key


def _refuse(where: str, found: str, expected: str) -> NoReturn:
    raise UsageError(
        f"{where} is {found}, which JSON cannot hold exactly; expected {expected}. Write it as a "
        'string (`str(amount)`), or store a pydantic model that says how (`mode="json"`).',
        code="artifact.not-json",
        details={"where": where},
    )


def _refuse_constant(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not a JSON value")
