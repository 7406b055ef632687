"""Functions that call themselves in jq, as loops, which the stack does not limit."""

from collections.abc import Iterator
from typing import Any

from pydantic import JsonValue

from tenuto.definitions.expressions.engine import builtins, ops
from tenuto.definitions.expressions.limits import PENDING
from tenuto.definitions.expressions.meter import Stop, running


def install() -> None:
    """Adds the loops to the engine's functions; the prelude then leaves its own out."""
    builtins.PY_BUILTINS["recurse", 0] = _recurse_children
    builtins.PY_BUILTINS["recurse", 1] = _recurse
    builtins.PY_BUILTINS["recurse", 2] = _recurse_while
    builtins.PY_BUILTINS["until", 2] = _until
    builtins.PY_BUILTINS["while", 2] = _while
    builtins.PY_BUILTINS_PATH["recurse", 0] = _recurse_children_paths
    builtins.PY_BUILTINS_PATH["recurse", 1] = _recurse_paths
    builtins.PY_BUILTINS_PATH["recurse", 2] = _recurse_while_paths


def _depth_first(first: Any, children: Any) -> Iterator[Any]:
    """`first`, then what `children` gives for it, each followed by its own."""
    meter = running.meter
    yield first
    pending = [children(first)]
    while pending:
        for value in pending[-1]:
            meter.spend(2)
            if len(pending) >= PENDING:
                raise Stop(
                    f"It goes on from one value to the next more than {PENDING:,} times.",
                    "Let it end sooner.",
                )
            yield value
            pending.append(children(value))
            break
        else:
            pending.pop()


def _recurse(data: JsonValue, env: Any, step: Any) -> Iterator[JsonValue]:
    return _depth_first(data, step.vals)


def _recurse_paths(data: JsonValue, path: Any, env: Any, step: Any) -> Iterator[Any]:
    return _depth_first((path, data), lambda at: step.paths(at[1], at[0]))


def _recurse_while(data: JsonValue, env: Any, step: Any, condition: Any) -> Iterator[JsonValue]:
    return _depth_first(data, lambda at: _selected(step.vals(at), lambda to: to, condition))


def _recurse_while_paths(
    data: JsonValue,
    path: Any,
    env: Any,
    step: Any,
    condition: Any,
) -> Iterator[Any]:
    return _depth_first(
        (path, data),
        lambda at: _selected(step.paths(at[1], at[0]), lambda to: to[1], condition),
    )


def _selected(found: Iterator[Any], value_of: Any, condition: Any) -> Iterator[Any]:
    for each in found:
        for holds in condition.vals(value_of(each)):
            if ops.truthy(holds):
                yield each


def _recurse_children(data: JsonValue, env: Any) -> Iterator[JsonValue]:
    return _depth_first(data, _children)


def _children(value: JsonValue) -> Iterator[JsonValue]:
    if isinstance(value, dict):
        return iter(value.values())
    return iter(value if isinstance(value, list) else ())


def _recurse_children_paths(data: JsonValue, path: Any, env: Any) -> Iterator[Any]:
    return _depth_first((path, data), children_with_paths)


def children_with_paths(
    at: tuple[list[Any], JsonValue],
) -> Iterator[tuple[list[Any], JsonValue]]:
    """Path and value of each member or element of the value at a path."""
    path, value = at
    if isinstance(value, dict | list):
        for key, child in value.items() if isinstance(value, dict) else enumerate(value):
            yield [*path, key], child


def _while(data: JsonValue, env: Any, condition: Any, step: Any) -> Iterator[JsonValue]:
    def while_true(values: Iterator[JsonValue]) -> Iterator[JsonValue]:
        return _selected(values, lambda value: value, condition)

    for first in while_true(iter((data,))):
        yield from _depth_first(first, lambda value: while_true(step.vals(value)))


def _until(data: JsonValue, env: Any, condition: Any, step: Any) -> Iterator[JsonValue]:
    """Each value that `condition` holds for; any other is replaced by what `step` gives."""

    def outcomes(value: JsonValue) -> Iterator[tuple[bool, JsonValue]]:
        for holds in condition.vals(value):
            if ops.truthy(holds):
                yield True, value
            else:
                yield from ((False, following) for following in step.vals(value))

    every = _depth_first((False, data), lambda at: iter(()) if at[0] else outcomes(at[1]))
    return (value for is_last, value in every if is_last)
