"""The engine's functions: charged by what they look at, and without recursion over data."""

import base64
import binascii
import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote_to_bytes

from pydantic import JsonValue

from tenuto.definitions.expressions import dates, loops, matching, numbers
from tenuto.definitions.expressions.allowed import FUNCTIONS
from tenuto.definitions.expressions.engine import builtins, encoder, errors, ops, replace
from tenuto.definitions.expressions.limits import DATA_DEPTH, INTEGER_DIGITS
from tenuto.definitions.expressions.loops import children_with_paths
from tenuto.definitions.expressions.meter import Stop, running, spend, work
from tenuto.definitions.expressions.operations import too_deep

_LOOK_AT_NOTHING = frozenset(
    [
        "bsearch",
        "empty",
        "error",
        "getpath",
        "has",
        "infinite",
        "isinfinite",
        "isnan",
        "last",
        "length",
        "nan",
        "not",
        "path",
        "range",
        "select",
        "setpath",
        "type",
    ]
)
"""Functions that cost the same however large their input is."""

_SORTING = frozenset(["group_by", "sort", "sort_by", "unique", "unique_by"])
_MANY_RESULTS = frozenset(
    ["capture", "fromstream", "match", "path", "range", "scan", "truncate_stream"]
)
_OPENING = re.compile(r'[\[{]|[\]}]|"(?:[^"\\]|\\.)*"', re.DOTALL)
_LONG_NUMBER = re.compile(rf"[0-9]{{{INTEGER_DIGITS + 1}}}")


def install() -> None:
    """Guards the functions of the engine. Raises ImportError where one is missing."""
    numbers.install()
    dates.install()
    matching.install()
    for key, function in (
        (("flatten", 0), _flatten_all),
        (("flatten", 1), _flatten),
        (("fromjson", 0), _fromjson),
        (("tostream", 0), _tostream),
        (("tonumber", 0), _guarded_tonumber(builtins.PY_BUILTINS["tonumber", 0])),
    ):
        builtins.PY_BUILTINS[key] = function
    replace(builtins, "apply_format", _guarded_format(builtins.apply_format))
    for name, arity in list(builtins.PY_BUILTINS):
        if f"{name}/{arity}" not in FUNCTIONS:
            del builtins.PY_BUILTINS[name, arity]
    for (name, arity), function in builtins.PY_BUILTINS.items():
        builtins.PY_BUILTINS[name, arity] = _charged(name, function)
    builtins.PY_BUILTINS["from_entries", 0] = _charged("from_entries", _from_entries)
    loops.install()


def _charged(name: str, function: Any) -> Any:
    has_many = name in _MANY_RESULTS
    share = 0 if name in _LOOK_AT_NOTHING else 4 if name in _SORTING else 1

    def charged(data: JsonValue, env: Any, *arguments: Any) -> Iterator[JsonValue]:
        if share:
            spend(share * work(data))
        results = function(data, env, *arguments)
        return _counted(results) if has_many else results

    return charged


def _counted(results: Iterator[Any]) -> Iterator[Any]:
    meter = running.meter
    for result in results:
        meter.spend(1)
        yield result


def _flatten_all(data: JsonValue, env: Any) -> Iterator[JsonValue]:
    yield _flat(data, DATA_DEPTH)


def _flatten(data: JsonValue, env: Any, depth: Any) -> Iterator[JsonValue]:
    for levels in depth.vals(data):
        if isinstance(levels, bool) or not isinstance(levels, int | float):
            raise errors.JqError("flatten depth must be a number")
        if levels < 0:
            raise errors.JqError("flatten depth must not be negative")
        yield _flat(data, min(levels, DATA_DEPTH))


def _flat(array: JsonValue, levels: float) -> list[JsonValue]:
    if not isinstance(array, list):
        raise errors.JqError(f"Cannot iterate over {ops.describe(array)}")
    flat: list[JsonValue] = []
    pending = [iter(array)]
    while pending:
        for each in pending[-1]:
            if isinstance(each, list) and len(pending) <= levels:
                spend(1)
                pending.append(iter(each))
                break
            flat.append(each)
        else:
            pending.pop()
    spend(len(flat) // 16)
    return flat


def _from_entries(data: JsonValue, env: Any) -> Iterator[JsonValue]:
    made: dict[str, JsonValue] = {}
    for entry in ops.iterate_value(data):
        if not isinstance(entry, dict):
            raise errors.JqError(f'Cannot index {ops.type_name(entry)} with "key"')
        spend(1)
        key = entry.get("key")
        if key is None:
            names = ("k", "name", "Name", "K", "Key")
            key = next((entry[name] for name in names if ops.truthy(entry.get(name))), None)
        value = next((entry[name] for name in ("value", "v", "Value", "V") if name in entry), None)
        made[key if isinstance(key, str) else encoder.encode(key)] = value
    yield made


def _tostream(data: JsonValue, env: Any) -> Iterator[JsonValue]:
    events: list[tuple[list[Any], JsonValue, bool]] = [([], data, False)]
    while events:
        path, value, is_end = events.pop()
        spend(1)
        if is_end:
            yield [path]
        elif isinstance(value, dict | list) and value:
            if len(path) >= DATA_DEPTH:
                raise too_deep()
            children = list(children_with_paths((path, value)))
            events.append((children[-1][0], None, True))
            events += [(at, child, False) for at, child in reversed(children)]
        else:
            yield [path, value]


def _fromjson(data: JsonValue, env: Any) -> Iterator[JsonValue]:
    if not isinstance(data, str):
        raise errors.JqError(f"{ops.describe(data)} cannot be parsed as JSON")
    spend(len(data) // 16)
    _refuse_long_number(data)
    if _levels(data) > DATA_DEPTH:
        raise too_deep()
    try:
        yield json.loads(data, parse_constant=_no_constant)
    except ValueError:
        raise errors.JqError(f"{ops.describe(data)} cannot be parsed as JSON") from None


def _no_constant(name: str) -> JsonValue:
    raise ValueError(name)


def _levels(text: str) -> int:
    if text.count("[") + text.count("{") <= DATA_DEPTH:
        return 0
    level = deepest = 0
    for match in _OPENING.finditer(text):
        if match[0] in "[{":
            level += 1
            deepest = max(deepest, level)
        elif match[0] in "]}":
            level -= 1
    return deepest


def _guarded_tonumber(original: Any) -> Any:
    def tonumber(data: JsonValue, env: Any) -> Iterator[JsonValue]:
        if isinstance(data, str):
            _refuse_long_number(data)
        return original(data, env)  # type: ignore[no-any-return]

    return tonumber


def _refuse_long_number(text: str) -> None:
    if _LONG_NUMBER.search(text):
        raise Stop(f"It reads a number of more than {INTEGER_DIGITS} digits.", "Keep it as a text.")


def _guarded_format(original: Any) -> Any:
    def apply_format(name: str, value: JsonValue) -> str:
        spend(work(value) * 4)
        if name == "base64d":
            return _from_base64(value)
        if name == "urid":
            return _from_percent(value)
        return original(name, value)  # type: ignore[no-any-return]

    return apply_format


def _from_base64(value: JsonValue) -> str:
    text = value if isinstance(value, str) else ""
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError):
        data = b""
    if not data and value != "":
        raise errors.JqError(f"{ops.describe(value)} is not valid base64 data")
    return data.decode("utf-8", "replace")


def _from_percent(value: JsonValue) -> str:
    try:
        return unquote_to_bytes(value if isinstance(value, str) else "").decode("utf-8")
    except UnicodeDecodeError:
        raise errors.JqError(f"{ops.describe(value)} is not a valid uri encoding") from None
