"""Rows of the files that a NAV was struck from, found again in the store by hash and number."""

from collections.abc import Sequence

import polars as pl

from tenuto.artifacts.store import ArtifactStore
from tenuto.core.references import Document
from tenuto.packs.finance.inputs.reading import read_input
from tenuto.packs.finance.nav.activities.inputs import INPUTS
from tenuto.packs.finance.nav.lineage.node import SourceRow
from tenuto.packs.finance.nav.models import NavResult

_PARQUET = b"PAR1"


class InputRows:
    """The input files of one NAV, each read and verified when it is first asked for."""

    def __init__(self, store: ArtifactStore, result: NavResult) -> None:
        self._store = store
        self._result = result
        self._tables: dict[str, pl.DataFrame] = {}

    def find(self, name: str, wanted: pl.Expr, *, newest: str | None = None) -> SourceRow | None:
        """The first row of input `name` that is `wanted`, or the newest by the date column."""
        table = self._table(name)
        if table is None:
            return None
        rows = table.filter(wanted)
        if newest:
            rows = rows.sort(newest, "row", descending=[True, False])
        if not rows.height:
            return None
        file, row = rows.select("file", "row").row(0)
        return self.row(name, file, row)

    def row(self, name: str, sha256: str, row: int) -> SourceRow:
        """Line `row` of the stored file. Raises CorruptError when a byte of it has changed."""
        is_first = self._result.inputs.get(name) == sha256
        file = self._result.file_names.get(name, "") if is_first else ""
        return stored_row(self._store, name, sha256, row, file=file or sha256[:12])

    def _table(self, name: str) -> pl.DataFrame | None:
        """Typed rows of every file given as `name`; `file` is the file's hash."""
        if name not in self._tables:
            documents = [
                _document(self._store, sha256)
                for key, sha256 in self._result.inputs.items()
                if key == name or key.startswith(f"{name} supplied ")
            ]
            tables = [
                read_input(each.sha256, each, INPUTS[name], self._store).table for each in documents
            ]
            if not tables:
                return None
            self._tables[name] = pl.concat(tables)
        return self._tables[name]


def stored_row(store: ArtifactStore, name: str, sha256: str, row: int, *, file: str) -> SourceRow:
    """Line `row` of a stored file, whatever it was called."""
    data = store.get_bytes(f"artifact://{sha256}")
    text = _cells(store, sha256, row) if data.startswith(_PARQUET) else _line(data, row)
    return SourceRow(input=name, file=file, sha256=sha256, row=row, text=text)


def _line(data: bytes, row: int) -> str:
    lines = data.decode("utf-8-sig", errors="replace").splitlines()
    return lines[row - 1] if 0 < row <= len(lines) else ""


def _cells(store: ArtifactStore, sha256: str, row: int) -> str:
    table = store.get_table(f"artifact://{sha256}")
    if not 0 < row <= table.height:
        return ""
    cells: Sequence[object] = table.row(row - 1)
    shown = (f"{name}={value}" for name, value in zip(table.columns, cells, strict=True))
    return ", ".join(each for each in shown if not each.endswith("=None"))


def _document(store: ArtifactStore, sha256: str) -> Document:
    blob = store.stat(f"artifact://{sha256}")
    return Document(uri=blob.uri, sha256=sha256, bytes=blob.bytes, name=sha256[:12])
