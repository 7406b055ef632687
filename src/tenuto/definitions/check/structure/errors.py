"""Error types that look like standard ones and are none: such a filter never takes an error."""

from collections.abc import Iterator

from tenuto.core.problem import (
    STANDARD_STATUS,
    canonical_type,
    is_of_standard_family,
    standard_type,
)
from tenuto.definitions.check.nearest import listed, nearest
from tenuto.definitions.check.parts import mapping, part
from tenuto.definitions.check.shown import named
from tenuto.definitions.check.structure import codes
from tenuto.definitions.findings import Finding
from tenuto.definitions.loaded import Loaded, escaped
from tenuto.definitions.tasks import walk_tasks

_STANDARD_TYPES = frozenset(standard_type(kind) for kind in STANDARD_STATUS)
_IN_TASK = (("catch", "errors", "with", "type"), ("raise", "error", "type"))


def find_misspelt_types(loaded: Loaded) -> Iterator[Finding]:
    """Warnings for error types in filters, in `raise`, and under `use.errors`."""
    for name in mapping(loaded.value, "use", "errors"):
        yield from _type(
            loaded, f"/use/errors/{escaped(name)}/type", ("use", "errors", name, "type")
        )
    for task in walk_tasks(loaded.value):
        for path in _IN_TASK:
            found = part(task.body, *path)
            if isinstance(found, str):
                yield from _misspelt(loaded, "/".join((task.pointer, *path)), found)


def _type(loaded: Loaded, pointer: str, path: tuple[str, ...]) -> Iterator[Finding]:
    found = part(loaded.value, *path)
    if isinstance(found, str):
        yield from _misspelt(loaded, pointer, found)


def _misspelt(loaded: Loaded, pointer: str, found: str) -> Iterator[Finding]:
    is_standard = canonical_type(found) in _STANDARD_TYPES
    looks_standard = found in STANDARD_STATUS or is_of_standard_family(found)
    if is_standard or not looks_standard:
        return
    meant = nearest(found.rpartition("/")[2], STANDARD_STATUS)
    remedy = (
        f"Did you mean `{standard_type(meant)}`?"  # type: ignore[arg-type]
        if meant
        else f"Standard types end in {listed(STANDARD_STATUS)}."
    )
    yield loaded.warning(codes.ERROR_TYPE, pointer, f"{named(found)} is no standard type.", remedy)
