"""What a call names, and what to say when there is nothing of that name."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal

from pydantic import JsonValue

from tenuto.catalog.entries import FIRST_VERSION
from tenuto.catalog.registry import Catalog, Entry
from tenuto.core.errors import NotFoundError
from tenuto.definitions.check.calls.libraries import Library, definition_in, is_name
from tenuto.definitions.check.meaning_codes import (
    NO_POLICY_ENGINE,
    UNKNOWN_CATALOG,
    UNKNOWN_FUNCTION,
)
from tenuto.definitions.check.nearest import did_you_mean
from tenuto.definitions.check.parts import mapping, part
from tenuto.definitions.compiling.calls import DEFAULT_CATALOG, split_function
from tenuto.definitions.findings import Finding
from tenuto.definitions.loaded import Loaded
from tenuto.definitions.tasks import TaskAt

APPROVAL = "human.approval"
POLICY = "policy.check"
STANDARD = frozenset({"http", "openapi", "grpc", "asyncapi", "a2a", "mcp"})
"""The specification's own functions; what their arguments look like is checked with the form."""

Kind = Literal["entry", "function", "standard", "approval", "policy", "foreign"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Callee:
    """What a call reaches."""

    kind: Kind
    name: str
    entry: Entry | None = None
    """Of the catalog; for kind `entry`, and for `foreign` where the catalog has it."""
    function: dict[str, JsonValue] = field(default_factory=dict)
    """Of `use.functions`; for kind `function` alone."""


def callee(body: dict[str, JsonValue], definition: JsonValue, catalog: Catalog) -> Callee | None:
    """What the call task `body` reaches; None when there is nothing of that name."""
    called = body.get("call")
    if not isinstance(called, str):
        return None
    functions = mapping(definition, "use", "functions")
    if called in functions:
        return Callee(kind="function", name=called, function=mapping(functions[called]))
    activity = part(body, "metadata", "temporal", "activity")
    if activity is not None:
        return Callee(kind="foreign", name=called, entry=catalog.activities.get(str(activity)))
    name = split_function(called).name
    if name in STANDARD:
        return Callee(kind="standard", name=name)
    if name == APPROVAL:
        return Callee(kind="approval", name=name)
    if name == POLICY:
        return Callee(kind="policy", name=name)
    try:
        return Callee(kind="entry", name=name, entry=catalog.entry(name))
    except NotFoundError:
        return None


def find_unknown_calls(
    loaded: Loaded, tasks: Iterable[TaskAt], catalog: Catalog, library: Library | None = None
) -> Iterator[Finding]:
    """Every call that reaches nothing, and calls of `policy.check`, which refuses
    everything where policy is off.

    Where `library` has a definition of a name that is called, the remedy tells how to run it.
    """
    for task in tasks:
        called = task.body.get("call")
        if isinstance(called, str):
            yield from _call(loaded, task, called, catalog, library)


def _call(
    loaded: Loaded, task: TaskAt, called: str, catalog: Catalog, library: Library | None
) -> Iterator[Finding]:
    at = f"{task.pointer}/call"
    reached = callee(task.body, loaded.value, catalog)
    if reached is not None and reached.kind in ("foreign", "function"):
        return
    if "://" in called:
        yield loaded.error(
            UNKNOWN_CATALOG,
            at,
            f"`{called}` is an address, and functions are not fetched from the network.",
            "Write the function under `use.functions`, or call one of the catalog by its name.",
        )
        return
    yield from _wrong_catalog(loaded, at, called, reached)
    if reached is None:
        name = split_function(called).name
        yield loaded.error(
            UNKNOWN_FUNCTION,
            at,
            f"There is no function `{name}`.",
            _run_instead(loaded, name, library)
            or did_you_mean(name, _known(loaded.value, catalog)),
        )
    elif reached.kind == "policy":
        yield loaded.warning(
            NO_POLICY_ENGINE,
            at,
            "Where policy is off, `policy.check` refuses everything (403).",
            "Set `policy.folder` where it runs, or catch the error with type `authorization`.",
        )


def _run_instead(loaded: Loaded, name: str, library: Library | None) -> str | None:
    """The remedy for a call that means a definition: by its form, or by what the library has."""
    namespace, slash, short = name.rpartition("/")
    if not slash:
        own = part(loaded.value, "document", "namespace")
        namespace = own if isinstance(own, str) else ""
        if definition_in(library, namespace, short) is None:
            return None
    if not (is_name(namespace) and is_name(short)):
        return None
    return (
        "A definition is run, not called: write `run: {workflow: {namespace: "
        f"{namespace}, name: {short}, version: latest}}}}` in place of `call`."
    )


def _wrong_catalog(
    loaded: Loaded, at: str, called: str, reached: Callee | None
) -> Iterator[Finding]:
    name, version, catalog = split_function(called)
    known = reached.entry.version if reached is not None and reached.entry else FIRST_VERSION
    right = f"Write `{name}:{known}@{DEFAULT_CATALOG}`, or just `{name}`."
    if catalog not in (None, DEFAULT_CATALOG):
        message = f"There is no catalog `{catalog}`; the one catalog is `{DEFAULT_CATALOG}`."
        yield loaded.error(UNKNOWN_CATALOG, at, message, right)
    if version not in (None, known):
        message = f"`{name}` has no version `{version}`; the one version is `{known}`."
        yield loaded.error(UNKNOWN_CATALOG, at, message, right)


def _known(definition: JsonValue, catalog: Catalog) -> set[str]:
    return {
        *mapping(definition, "use", "functions"),
        *catalog.activities,
        *catalog.workflows,
        APPROVAL,
        "http",
        "openapi",
    }
