"""All entries of the packs in use, found by name."""

import difflib
from collections.abc import Iterable
from typing import Any, TypeVar

from tenuto.catalog.entries import ActivityEntry, BuiltinEntry, WorkflowEntry
from tenuto.core.errors import NotFoundError, UsageError

EntryT = TypeVar("EntryT", ActivityEntry[Any, Any], WorkflowEntry[Any, Any], BuiltinEntry[Any, Any])
Entry = ActivityEntry[Any, Any] | WorkflowEntry[Any, Any] | BuiltinEntry[Any, Any]


class Catalog:
    """Every activity, workflow, and builtin that may be called, by name."""

    def __init__(self, entries: Iterable[Entry] = ()) -> None:
        self.activities: dict[str, ActivityEntry[Any, Any]] = {}
        self.workflows: dict[str, WorkflowEntry[Any, Any]] = {}
        self.builtins: dict[str, BuiltinEntry[Any, Any]] = {}
        for entry in entries:
            self.add(entry)

    def add(self, entry: Entry) -> None:
        """Registers an entry; the same name with another contract is a UsageError."""
        if isinstance(entry, ActivityEntry):
            _add(self.activities, entry)
        elif isinstance(entry, WorkflowEntry):
            _add(self.workflows, entry)
        else:
            _add(self.builtins, entry)

    def workflow(self, name: str) -> WorkflowEntry[Any, Any]:
        """The workflow called `name`, by catalog name or Temporal type name.

        Raises NotFoundError that suggests the nearest names.
        """
        for entry in self.workflows.values():
            if name in (entry.name, entry.type_name):
                return entry
        raise _unknown("workflow", name, self.workflows)

    def activity(self, name: str) -> ActivityEntry[Any, Any]:
        """The activity called `name`; raises NotFoundError that suggests the nearest names."""
        if name in self.activities:
            return self.activities[name]
        raise _unknown("activity", name, self.activities)

    def entry(self, name: str) -> Entry:
        """The workflow, activity, or builtin called `name`; raises NotFoundError."""
        if name in self.activities:
            return self.activities[name]
        if name in self.builtins:
            return self.builtins[name]
        for entry in self.workflows.values():
            if name in (entry.name, entry.type_name):
                return entry
        raise _unknown("entry", name, {**self.workflows, **self.activities, **self.builtins})


_MOST_LISTED = 12
"""Names that are worth reading in an error."""


def _add(entries: dict[str, EntryT], entry: EntryT) -> None:
    known = entries.setdefault(entry.name, entry)
    if known is not entry and known != entry:
        raise UsageError(
            f"Two catalog entries are called `{entry.name}`, with different contracts;"
            " rename one of them.",
            code="catalog.name-taken",
            details={"name": entry.name},
        )


def _unknown(kind: str, name: str, known: dict[str, Any]) -> NotFoundError:
    close = difflib.get_close_matches(name, known, n=3, cutoff=0.5)
    hint = f"Did you mean {' or '.join(f'`{each}`' for each in close)}?" if close else ""
    if not hint and len(known) > _MOST_LISTED:
        hint = f"There are {len(known)}; `tenuto catalog` lists them."
    elif not hint:
        hint = "Valid names are " + ", ".join(f"`{each}`" for each in sorted(known)) + "."
    return NotFoundError(
        f"No {kind} is called `{name}`. {hint}",
        code="catalog.unknown-name",
        details={"name": name, "suggestions": close},
    )
