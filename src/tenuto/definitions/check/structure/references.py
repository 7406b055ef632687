"""Names of reusable parts: whether each is there, and whether each part is used."""

from collections.abc import Iterator
from typing import NamedTuple

from pydantic import JsonValue

from tenuto.definitions.check.limits.literal_durations import length_s
from tenuto.definitions.check.nearest import did_you_mean
from tenuto.definitions.check.parts import mapping, part
from tenuto.definitions.check.shown import named
from tenuto.definitions.check.structure import codes
from tenuto.definitions.findings import Finding
from tenuto.definitions.loaded import Loaded, escaped
from tenuto.definitions.tasks import TaskAt, walk_tasks

_WHAT = {
    "timeouts": "timeout",
    "retries": "retry policy",
    "errors": "error",
    "authentications": "authentication",
}
_PLACES: dict[str, tuple[tuple[str, ...], ...]] = {
    "timeouts": (("timeout",),),
    "retries": (("catch", "retry"),),
    "errors": (("raise", "error"),),
}
"""Where the name of a part stands in a task."""

_AUTHENTICATED: dict[JsonValue, tuple[tuple[str, ...], ...]] = {
    "http": (("with", "endpoint", "authentication", "use"),),
    "openapi": (
        ("with", "authentication", "use"),
        ("with", "document", "endpoint", "authentication", "use"),
    ),
}
"""The same for authentications; only these calls have a form that holds one."""


class _Reference(NamedTuple):
    section: str
    name: str
    pointer: str


def find_references(loaded: Loaded) -> Iterator[Finding]:
    """Names that nothing under `use` has, and parts under `use` that nothing names."""
    references = list(_references(loaded.value))
    for reference in references:
        known = mapping(loaded.value, "use", reference.section)
        if reference.name not in known:
            yield _unknown(loaded, reference, known)
    used = {(reference.section, reference.name) for reference in references}
    used |= {("functions", name) for name in _called(loaded.value)}
    for section in (*_WHAT, "functions"):
        for name in mapping(loaded.value, "use", section):
            if (section, name) not in used:
                yield loaded.warning(
                    codes.UNUSED,
                    f"/use/{section}/{escaped(name)}",
                    f"{named(name)} is never used.",
                    "Take it away, or use it.",
                    of_key=True,
                )


def _unknown(loaded: Loaded, reference: _Reference, known: dict[str, JsonValue]) -> Finding:
    message = f"There is no {_WHAT[reference.section]} {named(reference.name)}."
    remedy = did_you_mean(reference.name, known) or f"Add it under `use.{reference.section}`."
    if reference.section == "timeouts" and length_s(reference.name) is not None:
        remedy = f"Write `timeout: {{after: {reference.name}}}` for a length of time."
    return loaded.error(codes.REFERENCE, reference.pointer, message, remedy)


def _references(definition: JsonValue) -> Iterator[_Reference]:
    timeout = part(definition, "timeout")
    if isinstance(timeout, str):
        yield _Reference("timeouts", timeout, "/timeout")
    for task in walk_tasks(definition):
        yield from _of_task(task)


def _of_task(task: TaskAt) -> Iterator[_Reference]:
    places = [(section, path) for section, paths in _PLACES.items() for path in paths]
    called = task.body.get("call")
    if isinstance(called, str):
        places += [("authentications", path) for path in _AUTHENTICATED.get(called, ())]
    for section, path in places:
        name = part(task.body, *path)
        if isinstance(name, str):
            yield _Reference(section, name, "/".join((task.pointer, *path)))


def _called(definition: JsonValue) -> Iterator[str]:
    for task in walk_tasks(definition):
        called = task.body.get("call")
        if isinstance(called, str):
            yield called
