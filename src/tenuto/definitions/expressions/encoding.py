"""Values as JSON text, without recursion: Python is slow in deep calls, and they are limited."""

from typing import Any

from pydantic import JsonValue

from tenuto.definitions.expressions.engine import encoder
from tenuto.definitions.expressions.limits import DATA_DEPTH
from tenuto.definitions.expressions.meter import running, work
from tenuto.definitions.expressions.operations import refuse_long_integer, too_deep


class _Mark(str):
    """Text that is written as it is."""

    __slots__ = ()


_COMMA, _END_OF_ARRAY, _END_OF_OBJECT = _Mark(","), _Mark("]"), _Mark("}")


def write(value: JsonValue, out: list[str], depth: int) -> None:
    """Appends `value` to `out` as jq writes it. Raises Stop where that is too much."""
    meter = running.meter
    pending: list[Any] = [value]
    while pending:
        each = pending.pop()
        meter.spend(1)
        match each:
            case _Mark():
                out.append(each)
                depth -= each in (_END_OF_ARRAY, _END_OF_OBJECT)
            case str():
                out.append(encoder._escape_string(each))
            case list() | dict():
                depth += 1
                if depth > DATA_DEPTH:
                    raise too_deep()
                meter.spend(work(each))
                out.append("[" if type(each) is list else "{")
                pending += _parts(each)
            case _:
                out.append(_scalar(each))


def _parts(container: Any) -> list[Any]:
    """What follows the opening bracket, the last first."""
    if type(container) is list:
        parts: list[Any] = [_END_OF_ARRAY]
        for each in reversed(container):
            parts += (each, _COMMA)
    else:
        parts = [_END_OF_OBJECT]
        for key, each in reversed(container.items()):
            parts += (each, _Mark(f"{encoder._escape_string(key)}:"), _COMMA)
    if container:
        parts.pop()
    return parts


def _scalar(value: Any) -> str:
    if value is None:
        return "null"
    if value is True or value is False:
        return "true" if value else "false"
    if type(value) is int:
        refuse_long_integer(value.bit_length())
    text: str = encoder.format_number(value)
    return text
