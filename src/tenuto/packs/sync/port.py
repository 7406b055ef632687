"""What the loading side and the sources know of each other, and nothing more.

`tenuto.packs.sync.sources.file.read_sync_file(path)` gives the `SyncFile`;
`tenuto.packs.sync.sources.opening.open_source(wanted)` gives what dlt extracts. Both are called
in the process that loads, never in a workflow.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from pydantic import SecretStr

from tenuto.packs.sync.configuration import Source
from tenuto.packs.sync.models import Window

if TYPE_CHECKING:
    from dlt.sources import DltSource


@dataclass(frozen=True, kw_only=True, slots=True)
class Opening:
    """One source, ready to be opened."""

    name: str
    """As `sync.yaml` calls it; also the name of its dlt schema."""
    source: Source
    """With `source_kwargs` of the run already laid over `config`."""
    secrets: dict[str, SecretStr]
    """What `source.secrets` refers to, resolved."""
    window: Window | None
    """The days of a backfill: give exactly these rows, and keep no cursor. None: go on from the
    cursor that dlt keeps for the resource."""
    root: Path
    """The project's root, which relative paths in `config` start from."""


class OpenSource(Protocol):
    """How a configured source becomes what dlt extracts."""

    def __call__(self, wanted: Opening) -> "DltSource":
        """A dlt source named `wanted.name` with every resource it has, none extracted yet.

        Which of them are loaded, `_client_id`, `_loaded_at` and nesting are the caller's.
        An incremental cursor is made by `tenuto.packs.sync.cursor.cursor`. Raises UsageError for
        a configuration that does not fit the kind; while it is extracted, TransientError where
        another attempt may help and DataError where it will not, with the first cause named.
        """
        ...
