"""How large a form is once every reference in it is written out.

A few lines of references that each stand twice grow to billions of parts, and whoever checks data
against them is busy for ever: a worker cannot be interrupted there.
"""

from typing import Any
from urllib.parse import unquote

from pydantic import JsonValue

from tenuto.core.errors import UsageError

MOST_PARTS = 10_000


def refuse_large_form(form: dict[str, JsonValue] | None) -> None:
    """Raises UsageError `task.form-unusable` for a form of more parts than people can fill in, and
    for one that refers to itself."""
    try:
        _Sizes(form).of(form)
    except RecursionError as deep:
        raise _unusable("refers to itself, or is nested too deeply") from deep


class _Sizes:
    def __init__(self, form: JsonValue) -> None:
        self._form = form
        self._known: dict[str, int] = {}

    def of(self, part: Any) -> int:
        """Number of objects, lists, and values."""
        inner: list[Any] = part if isinstance(part, list) else []
        reference: Any = None
        if isinstance(part, dict):
            inner, reference = list(part.values()), part.get("$ref")
            if "$dynamicRef" in part or "$recursiveRef" in part:
                raise _unusable("has a reference that is only known while it is checked")
        size = 1 + sum(self.of(each) for each in inner)
        if isinstance(reference, str):
            size += self._of_reference(reference)
        if size > MOST_PARTS:
            raise _unusable(f"has more than {MOST_PARTS:,} parts with its references written out")
        return size

    def _of_reference(self, reference: str) -> int:
        if reference not in self._known:
            # One that leads back here finds no size, and goes round until Python gives up.
            self._known[reference] = self.of(_target(self._form, reference))
        return self._known[reference]


def _target(form: JsonValue, reference: str) -> JsonValue:
    """What a JSON Pointer (RFC 6901) in a fragment points at."""
    where: Any = form
    try:
        for word in reference.removeprefix("#").split("/")[1:]:
            name = unquote(word).replace("~1", "/").replace("~0", "~")
            where = where[int(name)] if isinstance(where, list) else where[name]
    except (KeyError, IndexError, ValueError, TypeError) as nowhere:
        raise _unusable(f"refers to `{reference[:100]}`, which is not in it") from nowhere
    if not reference.startswith("#") or (where is form and reference != "#"):
        raise _unusable(f"refers to `{reference[:100]}`; expected `#/$defs/NAME`")
    found: JsonValue = where
    return found


def _unusable(why: str) -> UsageError:
    return UsageError(
        f"The `form` of this task {why}, so that nothing can be checked against it.",
        code="task.form-unusable",
    )
