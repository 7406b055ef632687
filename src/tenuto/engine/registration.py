"""Turning packs, named by reference, into the code a worker registers."""

import inspect
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

from temporalio import activity as temporal_activity
from temporalio import workflow as temporal_workflow

from tenuto.catalog.describe import describe_activity, describe_workflow
from tenuto.catalog.entries import ActivityEntry, BuiltinEntry, WorkflowEntry
from tenuto.catalog.registry import Catalog, Entry
from tenuto.core.errors import UsageError
from tenuto.core.pack import Pack, resolve


@dataclass(kw_only=True)
class QueueCode:
    """What the workers of one task queue run."""

    workflows: list[type] = field(default_factory=list)
    activities: list[Callable[..., Any]] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Registration:
    """The code of all packs by task queue, and what the sandbox may share."""

    catalog: Catalog
    queues: dict[str, QueueCode]
    passthrough: tuple[str, ...]


def load_catalog(packs: Iterable[Pack], modules: Iterable[str] = (), queue: str = "") -> Catalog:
    """The catalog of `packs` and of plain Temporal code in `modules`; imports no activity body
    of a pack. Raises UsageError for a reference that cannot be imported."""
    catalog = Catalog()
    for pack in packs:
        for reference in pack.catalog:
            for entry in _entries(resolve(reference)):
                catalog.add(entry)
    for reference in modules:
        module = resolve(reference)
        for cls in _workflow_classes(module):
            catalog.add(describe_workflow(cls, queue))
        for body in _activity_functions(module):
            catalog.add(describe_activity(body, queue))
    return catalog


def load_registration(
    packs: Iterable[Pack], modules: Iterable[str] = (), queue: str = ""
) -> Registration:
    """Everything a worker registers: imports workflows and activity bodies.

    Raises UsageError for a reference that cannot be imported, and for a workflow or a body without
    a catalog entry. An entry without a body is fine: it may run elsewhere, in any language.
    """
    packs, modules = tuple(packs), tuple(modules)
    catalog = load_catalog(packs, modules, queue)
    queues: dict[str, QueueCode] = defaultdict(QueueCode)
    for pack in packs:
        for reference in pack.workflows:
            cls = resolve(reference)
            definition = temporal_workflow._Definition.must_from_class(cls)
            queues[catalog.workflow(definition.name or cls.__name__).queue].workflows.append(cls)
        for reference in pack.activities:
            for body in _activity_functions(resolve(reference)):
                name = temporal_activity._Definition.must_from_callable(body).name or ""
                queues[_activity_entry(catalog, name, pack).queue].activities.append(body)
    for reference in modules:
        module = resolve(reference)
        queues[queue].workflows.extend(_workflow_classes(module))
        queues[queue].activities.extend(_activity_functions(module))
    passthrough = tuple(module for pack in packs for module in (*pack.catalog, *pack.passthrough))
    return Registration(catalog=catalog, queues=dict(queues), passthrough=passthrough)


def _activity_entry(catalog: Catalog, name: str, pack: Pack) -> ActivityEntry[Any, Any]:
    entry = catalog.activities.get(name)
    if entry is None:
        raise UsageError(
            f"Pack `{pack.name}` has a body for activity `{name}`, which its catalog does not"
            " offer; add the entry, or remove the body.",
            code="pack.body-without-entry",
        )
    return entry


def _entries(module: ModuleType) -> list[Entry]:
    kinds = (ActivityEntry, WorkflowEntry, BuiltinEntry)
    return [value for value in vars(module).values() if isinstance(value, kinds)]


def _workflow_classes(module: ModuleType) -> list[type]:
    return [
        value
        for value in vars(module).values()
        if inspect.isclass(value)
        and value.__module__ == module.__name__
        and temporal_workflow._Definition.from_class(value)
    ]


def _activity_functions(module: ModuleType) -> list[Callable[..., Any]]:
    return [
        value
        for value in vars(module).values()
        if callable(value)
        and getattr(value, "__module__", "").startswith(module.__name__)
        and temporal_activity._Definition.from_callable(value)
    ]
