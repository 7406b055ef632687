"""A figure with the figures it was made of."""

from tenuto.core.records import Record
from tenuto.core.references import Sha256


class SourceRow(Record):
    """A row of a file, as it was given and as it still is: its hash was just verified."""

    input: str
    """What the file was to the run, for example `prices`."""
    file: str
    """The name a person knows it by, or the beginning of its hash."""
    sha256: Sha256
    row: int
    """1-based line of the file, the header being line 1."""
    text: str
    """The line itself, or its cells where the file is not text."""


class Node(Record):
    """One figure, how it was made, and of what."""

    figure: str
    value: str
    how: str = ""
    """In words or as a formula over the parts."""
    source: SourceRow | None = None
    parts: tuple["Node", ...] = ()
