"""What every reader yields: a file as text cells, piece by piece."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import polars as pl

ROWS = 50_000
CHARS = 16_000_000
"""A chunk ends at whichever comes first, so that wide rows do not fill the memory."""

ROW = "source_row"


@dataclass(frozen=True, kw_only=True)
class Misfit:
    """A row that has no place in the table, with its cells as far as they are certain."""

    row: int
    code: str
    found: str
    remedy: str
    cells: list[str | None]


@dataclass(frozen=True, kw_only=True)
class Chunk:
    """Consecutive rows of one file."""

    rows: pl.DataFrame
    """`source_row` (Int64, 1-based) and the file's columns, text unless the file has types."""
    misfits: list[Misfit] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class OpenTable:
    """A file whose columns are known and whose rows are yet to be read."""

    columns: list[str]
    """Names as the file has them."""
    chunks: Iterator[Chunk]
    has_types: bool = False
    """Whether the cells are typed by the file itself (Parquet)."""
    is_canonical: bool = False
    """Whether text is written the neutral way (`.`, ISO dates), whatever the request declares."""


class ChunkBuilder:
    """Gathers rows until they are enough for a chunk."""

    def __init__(self, columns: Sequence[str]) -> None:
        self._columns = columns
        self._begun = 0
        self._start()

    def add(self, row: int, cells: Sequence[str | None]) -> None:
        """A row as wide as the columns."""
        self._numbers.append(row)
        self._rows.append(cells)

    def set_aside(self, misfit: Misfit) -> None:
        """A row that has no place."""
        self._misfits.append(misfit)

    def is_full(self, chars: int) -> bool:
        """Whether to build, now that `chars` characters of the file have been read."""
        count = len(self._rows) + len(self._misfits)
        if count < ROWS and chars - self._begun < CHARS:
            return False
        self._begun = chars
        return True

    def build(self) -> Chunk:
        """What was gathered; the next chunk starts empty."""
        chunk = text_chunk(self._columns, self._numbers, self._rows, self._misfits)
        self._start()
        return chunk

    def _start(self) -> None:
        self._numbers: list[int] = []
        self._rows: list[Sequence[str | None]] = []
        self._misfits: list[Misfit] = []


def text_chunk(
    columns: Sequence[str],
    numbers: list[int],
    rows: list[Sequence[str | None]],
    misfits: list[Misfit],
) -> Chunk:
    """The chunk of these rows, each as wide as `columns`."""
    schema = {ROW: pl.Int64, **dict.fromkeys(columns, pl.String)}
    cells = dict(zip(columns, zip(*rows, strict=True), strict=True)) if rows else {}
    frame = pl.DataFrame({ROW: numbers, **cells} if rows else None, schema=schema)
    return Chunk(rows=frame, misfits=misfits)
