"""Whether the definitions that a definition runs are there, and take what it gives them."""

from collections.abc import Iterable, Iterator

from pydantic import JsonValue

from tenuto.definitions.check.calls.arguments import literal_schema
from tenuto.definitions.check.calls.fitting import misfits
from tenuto.definitions.check.calls.libraries import (
    Library,
    definition_in,
    is_name,
    is_version,
    known_names,
)
from tenuto.definitions.check.meaning_codes import (
    ENDLESS_RECURSION,
    UNKNOWN_DEFINITION,
    WRONG_INPUT,
)
from tenuto.definitions.check.nearest import nearest
from tenuto.definitions.check.parts import mapping
from tenuto.definitions.findings import Finding
from tenuto.definitions.loaded import Loaded
from tenuto.definitions.tasks import TaskAt
from tenuto.definitions.versions import LATEST

_ALMOST = 0.8
"""How alike two names must be: those of one namespace begin alike."""


def find_wrong_subflows(
    loaded: Loaded, tasks: Iterable[TaskAt], library: Library | None
) -> Iterator[Finding]:
    """Every `run.workflow` without a target, with input that the target refuses, or of itself."""
    tasks = list(tasks)
    pauses = any(task.kind in ("wait", "listen") for task in tasks)
    for task in tasks:
        target = mapping(task.body, "run", "workflow")
        namespace, name = target.get("namespace"), target.get("name")
        version = target.get("version", LATEST)
        if not (is_name(namespace) and is_name(name) and is_version(version)):
            continue  # The check of structure says so.
        namespace, name, version = str(namespace), str(name), str(version)
        at = f"{task.pointer}/run/workflow"
        itself = _is_itself(loaded.value, namespace, name, version)
        if itself and not pauses:
            yield loaded.warning(
                ENDLESS_RECURSION,
                f"{at}/name",
                "The definition runs itself, and waits nowhere: runs start runs without end.",
                "Add a `wait`, or use `schedule.every`.",
            )
        found = loaded.value if itself else definition_in(library, namespace, name, version)
        if found is not None:
            yield from _input(loaded, target, at, name, found)
        elif library is not None:
            yield _missing(loaded, library, at, namespace, name, version)


def _is_itself(definition: JsonValue, namespace: str, name: str, version: str) -> bool:
    own = mapping(definition, "document")
    same = (own.get("namespace"), own.get("name")) == (namespace, name)
    return same and version in (own.get("version"), LATEST)


def _missing(
    loaded: Loaded, library: Library, at: str, namespace: str, name: str, version: str
) -> Finding:
    newest = definition_in(library, namespace, name)
    if newest is None:
        called = f"{namespace}/{name}"
        message = f"There is no definition `{called}`."
        close = nearest(called, known_names(library), _ALMOST)
        remedy = f"Did you mean `{close}`?" if close else "Deploy it first."
        return loaded.error(UNKNOWN_DEFINITION, f"{at}/name", message, remedy)
    latest = mapping(newest, "document").get("version")
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
