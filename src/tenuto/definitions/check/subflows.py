"""Whether the definitions that a definition runs are there, and take what it gives them."""

from collections.abc import Iterable, Iterator
from typing import Protocol

from pydantic import JsonValue

from tenuto.definitions.check.arguments import literal_schema
from tenuto.definitions.check.fitting import misfits
from tenuto.definitions.check.meaning_codes import (
    ENDLESS_RECURSION,
    UNKNOWN_DEFINITION,
    WRONG_INPUT,
)
from tenuto.definitions.check.parts import mapping
from tenuto.definitions.findings import Finding
from tenuto.definitions.loaded import Loaded
from tenuto.definitions.tasks import TaskAt

LATEST = "latest"


class HasValue(Protocol):
    """A stored definition."""

    @property
    def value(self) -> JsonValue:
        """The definition as read."""
        ...


class Library(Protocol):
    """Where stored definitions are found."""

    def find(self, namespace: str, name: str, version: str) -> HasValue | None:
        """That version, or the highest for `latest`; None when there is none."""
        ...


def find_wrong_subflows(
    loaded: Loaded, tasks: Iterable[TaskAt], library: Library | None
) -> Iterator[Finding]:
    """Every `run.workflow` without a target, with input that the target refuses, or of itself."""
    tasks = list(tasks)
    pauses = any(task.kind in ("wait", "listen") for task in tasks)
    for task in tasks:
        target = mapping(task.body, "run", "workflow")
        named = (target.get("namespace"), target.get("name"), target.get("version", LATEST))
        namespace, name, version = named
        if not (isinstance(namespace, str) and isinstance(name, str) and isinstance(version, str)):
            continue
        at = f"{task.pointer}/run/workflow"
        itself = _is_itself(loaded.value, namespace, name, version)
        if itself and not pauses:
            yield loaded.warning(
                ENDLESS_RECURSION,
                f"{at}/name",
                "The definition runs itself, and waits nowhere: runs start runs without end.",
                "Add a `wait`, or use `schedule.every`.",
            )
        found = loaded.value if itself else _value(library, namespace, name, version)
        if found is not None:
            yield from _input(loaded, target, at, name, found)
        elif library is not None:
            yield _missing(loaded, library, at, namespace, name, version)


def _is_itself(definition: JsonValue, namespace: str, name: str, version: str) -> bool:
    own = mapping(definition, "document")
    same = (own.get("namespace"), own.get("name")) == (namespace, name)
    return same and version in (own.get("version"), LATEST)


def _value(library: Library | None, namespace: str, name: str, version: str) -> JsonValue:
    found = library.find(namespace, name, version) if library is not None else None
    return None if found is None else found.value


def _missing(
    loaded: Loaded, library: Library, at: str, namespace: str, name: str, version: str
) -> Finding:
    newest = library.find(namespace, name, LATEST)
    if newest is None:
        message = f"There is no definition `{namespace}/{name}`."
        return loaded.error(UNKNOWN_DEFINITION, f"{at}/name", message, "Deploy it first.")
    latest = mapping(newest.value, "document").get("version")
    return loaded.error(
        UNKNOWN_DEFINITION,
        f"{at}/version",
        f"The definition `{namespace}/{name}` has no version `{version}`.",
        f"The newest is `{latest}`.",
    )


def _input(
    loaded: Loaded, target: dict[str, JsonValue], at: str, name: str, definition: JsonValue
) -> Iterator[Finding]:
    schema = literal_schema(definition, "input")
    given = target.get("input", {})
    for misfit in misfits(given, schema, called=f"the input of `{name}`"):
        has_input = "input" in target
        yield loaded.error(
            WRONG_INPUT,
            f"{at}/input{misfit.pointer}" if has_input else at,
            misfit.message,
            misfit.remedy,
            of_key=misfit.is_of_key or misfit.pointer == "",
        )
