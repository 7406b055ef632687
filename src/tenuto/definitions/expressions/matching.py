"""The engine's functions on regular expressions, on safe patterns only."""

import re
from collections.abc import Iterator
from itertools import product
from typing import Any

from pydantic import JsonValue

from tenuto.definitions.expressions.engine import builtins, errors, ops, replace
from tenuto.definitions.expressions.limits import TEXT_LENGTH
from tenuto.definitions.expressions.meter import Stop, spend
from tenuto.definitions.expressions.operations import refuse_long
from tenuto.definitions.expressions.regex import UnsafePattern, safe_pattern

_FLAGS = {"g": 0, "i": re.IGNORECASE, "x": re.VERBOSE}
"""The flags that mean the same in every engine; others may stand in the pattern, as `(?s)`."""


def install() -> None:
    """Puts the guarded functions in the place of the engine's."""
    replace(builtins, "_regex_args", _compiled_arguments)
    replace(builtins, "_sub_impl", _substitute)


def flags_of(letters: JsonValue) -> tuple[int, bool]:
    """Python's flags, and whether all matches are wanted. Raises the engine's error."""
    if letters is None:
        return 0, False
    if not isinstance(letters, str):
        raise errors.JqError(f"{ops.describe(letters)} is not a string")
    flags = 0
    for letter in letters:
        if letter not in _FLAGS:
            raise errors.JqError(f"{letters} is not a valid modifier string")
        flags |= _FLAGS[letter]
    return flags, "g" in letters


def _compiled_arguments(
    data: JsonValue,
    env: Any,
    pattern: Any,
    flags: Any,
) -> Iterator[tuple[re.Pattern[str], bool]]:
    if not isinstance(data, str):
        raise errors.JqError(f"{ops.describe(data)} cannot be matched, as it is not a string")
    for text in pattern.vals(data):
        if not isinstance(text, str):
            raise errors.JqError(f"{ops.describe(text)} cannot be matched, as it is not a string")
        for letters in flags.vals(data) if flags is not None else (None,):
            python_flags, is_global = flags_of(letters)
            yield _affordable(text, python_flags, len(data)), is_global


def _affordable(text: str, flags: int, length: int) -> re.Pattern[str]:
    try:
        pattern = safe_pattern(text, flags)
    except UnsafePattern as exc:
        raise Stop(f"The pattern {ops.describe(text)} is refused.", str(exc)) from None
    spend(pattern.steps(length))
    return pattern.regex


def _substitute(
    data: JsonValue,
    env: Any,
    pattern: Any,
    replacement: Any,
    flags: Any,
    is_always_global: bool,
) -> Iterator[str]:
    for regex, is_global in _compiled_arguments(data, env, pattern, flags):
        assert isinstance(data, str)  # noqa: S101 (the line above refuses others)
        matches = builtins._iter_matches(regex, data, is_global or is_always_global)
        pieces: list[list[str]] = []
        end = 0
        for match in matches:
            spend(1)
            pieces += [[data[end : match.start()]], _replacements(match, replacement)]
            end = match.end()
        for chosen in product(*pieces, [data[end:]]):
            spend(1 + len(chosen) // 16)
            refuse_long(sum(map(len, chosen)), TEXT_LENGTH, "a text")
            yield "".join(chosen)


def _replacements(match: re.Match[str], replacement: Any) -> list[str]:
    texts = list(replacement.vals(builtins._capture_obj(match)))
    for text in texts:
        if not isinstance(text, str):
            raise errors.JqError(f"{ops.describe(text)} cannot be used as a replacement")
    return texts
