"""How a definition calls a catalog entry, as YAML to begin with."""

import re

from tenuto.catalog.registry import Entry
from tenuto.cli.fields import fields_of

_SPOKEN = {"call.http": "http", "call.openapi": "openapi"}
"""Entries that the specification has words of its own for."""
_SHAPES = {
    "LIST": "[ ... ]",
    "MAP": "{ ... }",
    "FILE": "{ ... }",
    "DATASET": "{ ... }",
    "FILE.yaml": "{ ... }",
}
"""What stands in a document where a person types the name of a file."""
_WITHOUT_CALL = ("events.publish", "definitions.load", "definition")
"""What `emit` and `run.workflow` stand for: no document calls them by name."""


def call_example(entry: Entry) -> str | None:
    """A task that calls `entry` with its required fields; None for what no task calls."""
    if entry.name in _WITHOUT_CALL:
        return None
    required = [field for field in fields_of(entry.request) if field.is_required]
    lines = [f"- {_task_name(entry.name)}:", f"    call: {_SPOKEN.get(entry.name, entry.name)}"]
    if required:
        lines.append("    with:")
    lines += [f"      {field.name}: {_SHAPES.get(field.kind, field.kind)}" for field in required]
    return "\n".join(lines)


def _task_name(name: str) -> str:
    """`check_tolerances` of `nav.check_tolerances`, as documents write names: `checkTolerances`."""
    first, *rest = re.split(r"[^A-Za-z0-9]+", name.rpartition(".")[2])
    return first + "".join(word.capitalize() for word in rest)
