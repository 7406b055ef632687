"""From a source of `sync.yaml` to what dlt extracts."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from tenuto.core.pack import resolve
from tenuto.packs.sync.configuration import SourceKind

if TYPE_CHECKING:
    from dlt.sources import DltSource

    from tenuto.packs.sync.port import Opening

_HERE = "tenuto.packs.sync.sources"
OPENERS: dict[SourceKind, str] = {
    "rest_api": f"{_HERE}.rest_api:open_rest_api",
    "sql": f"{_HERE}.sql:open_sql",
    "files": f"{_HERE}.files.source:open_files",
    "everflow": f"{_HERE}.everflow:open_everflow",
    "redtrack": f"{_HERE}.redtrack:open_redtrack",
    "python": f"{_HERE}.python:open_python",
}
"""Kind -> what opens it. There is a row only for what loads."""


def open_source(wanted: "Opening") -> "DltSource":
    """A dlt source named `wanted.name` with every resource it has, none extracted yet.

    Raises UsageError for a configuration that does not fit the kind; while it is extracted,
    TransientError where another attempt may help and DataError where it will not.
    """
    opener: Callable[[Opening], DltSource] = resolve(OPENERS[wanted.source.kind])
    return opener(wanted)
