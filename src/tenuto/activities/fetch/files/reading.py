"""`fetch.files`: files in, one typed table out, every row with its origin."""

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from tenuto.activities.fetch.columns import dtype_of
from tenuto.activities.fetch.files.cells import typed
from tenuto.activities.fetch.files.chunks import ROW, Chunk, Misfit, OpenTable
from tenuto.activities.fetch.files.copying import PinnedFile, pinned_files, scratch_folder
from tenuto.activities.fetch.files.expanding import expanded
from tenuto.activities.fetch.files.opening import open_table
from tenuto.activities.fetch.files.parts import TableParts
from tenuto.activities.fetch.files.problems import Problems, in_words
from tenuto.activities.heartbeat import beat
from tenuto.artifacts.current import current_store
from tenuto.artifacts.store import ArtifactStore
from tenuto.catalog import implements
from tenuto.catalog.library.fetch import files as catalog
from tenuto.catalog.library.fetch.files import (
    FetchedFiles,
    FetchFilesRequest,
    FileColumn,
    NumberLayout,
)
from tenuto.catalog.library.fetch.sources import FetchedFile, FileProblem
from tenuto.core.errors import DataError

_FILE = "source_file"
_REASONS = "reasons"


@implements(catalog.fetch_files)
def fetch_files(request: FetchFilesRequest) -> FetchedFiles:
    """The rows of all files, in order of file and row.

    Raises DataError `files.bad-cells` when a row is wrong and `on_problem` is `fail`, with the
    first problem in the message and all of them as an artifact named in the details; for
    files that cannot be read as a whole, as the readers do.
    """
    store = current_store()
    with scratch_folder() as folder:
        reading = _Reading(request, store, folder)
        files = [reading.read(file) for file in pinned_files(request, store)]
        return reading.result(files)


@dataclass(kw_only=True)
class _Tables:
    """What grows while files are read; its columns are those of the first file."""

    columns: list[FileColumn]
    schema: pl.Schema
    """Of the cells before they are typed: every file must have the same."""
    good: TableParts
    bad: TableParts


class _Reading:
    """One fetch under way."""

    def __init__(self, request: FetchFilesRequest, store: ArtifactStore, folder: Path) -> None:
        self._request = request
        self._store = store
        self._folder = folder
        self._problems = Problems(folder)
        self._tables: _Tables | None = None

    def read(self, file: PinnedFile) -> FetchedFile:
        """Adds the rows of one file."""
        rows = 0
        with scratch_folder() as unpacked, self._store.local_path(file.content) as path:
            name, plain = expanded(file.name, path, self._request, unpacked)
            plain = _at_home(plain, unpacked)
            table = open_table(name, plain, self._request)
            sources = _sources(name, table, self._request)
            for chunk in table.chunks:
                rows += chunk.rows.height + len(chunk.misfits)
                self._add(name, table, sources, chunk)
                beat(f"read {rows} rows of {name}")
        return FetchedFile(name=file.name, content=file.content, modified=file.modified, rows=rows)

    def result(self, files: list[FetchedFile]) -> FetchedFiles:
        """What was read, stored."""
        if self._tables is None:
            raise AssertionError("a fetch has at least one file")
        all_problems = self._problems.stored(self._store)
        if self._problems.count and self._request.on_problem == "fail":
            raise DataError(
                f"{self._problems.count} problems, the first: {in_words(self._problems.first[0])}. "
                "Correct the files, or set `on_problem: quarantine` to go on without these rows",
                code="files.bad-cells",
                details={
                    "count": self._problems.count,
                    "all": all_problems.uri if all_problems else None,
                    "first": [each.model_dump() for each in self._problems.first[:20]],
                },
            )
        bad = self._tables.bad
        quarantine = bad.stored(self._store, f"{self._request.name}, set aside")
        return FetchedFiles(
            data=self._tables.good.stored(self._store, self._request.name),
            files=tuple(files),
            quarantine=quarantine if bad.rows else None,
            problem_count=self._problems.count,
            problems=tuple(self._problems.first),
            all_problems=all_problems,
        )

    def _add(
        self, name: str, table: OpenTable, sources: dict[str, str | None], chunk: Chunk
    ) -> None:
        cells = _selected(chunk.rows, sources)
        tables = self._tables_for(name, cells)
        problems = [_as_problem(name, each) for each in chunk.misfits]
        values = cells
        if not table.has_types:
            numbers = NumberLayout() if table.is_canonical else self._request.numbers
            values, wrong = typed(name, cells, tables.columns, self._request.missing, numbers)
            problems = sorted([*problems, *wrong], key=lambda each: each.row or 0)
        self._problems.add(problems)
        is_bad = pl.col(ROW).is_in(sorted({each.row for each in problems if each.row}))
        tables.good.add(values.filter(~is_bad).with_columns(pl.lit(name).alias(_FILE)))
        if problems:
            misfits = _selected(_misfit_cells(chunk.misfits, table.columns), sources)
            rows = pl.concat([cells.filter(is_bad), misfits])
            tables.bad.add(_set_aside(rows, name, problems))

    def _tables_for(self, name: str, cells: pl.DataFrame) -> _Tables:
        if self._tables is None:
            self._tables = self._begun(cells)
        elif cells.schema != self._tables.schema:
            before = self._tables.schema
            differ = [each for each, dtype in cells.schema.items() if before.get(each) != dtype]
            differ += [each for each in before if each not in cells.schema]
            raise DataError(
                f"{name} has other columns than the files before it "
                f"({', '.join(f'`{each}`' for each in differ[:10]) or 'another order'}); declare "
                "the wanted ones in `columns`, or read the files apart",
                code="files.columns-differ",
                details={"file": name, "columns": differ},
            )
        return self._tables

    def _begun(self, cells: pl.DataFrame) -> _Tables:
        names = [each for each in cells.columns if each != ROW]
        columns = list(self._request.columns) or [FileColumn(name=each) for each in names]
        if self._request.columns or self._request.format != "parquet":
            schema = {column.name: dtype_of(column) for column in columns}
        else:
            schema = {each: cells.schema[each] for each in names}
        lineage = {_FILE: pl.String(), ROW: pl.Int64()}
        text = {_REASONS: pl.String(), **dict.fromkeys(names, pl.String())}
        return _Tables(
            columns=columns,
            schema=cells.schema,
            good=TableParts(self._folder / "good", pl.Schema({**lineage, **schema})),
            bad=TableParts(self._folder / "bad", pl.Schema({**lineage, **text})),
        )


def _at_home(plain: Path, folder: Path) -> Path:
    """A path in our own folder: a reader may write beside the file it reads."""
    if plain.is_relative_to(folder):
        return plain
    link = folder / "plain"
    link.symlink_to(plain)
    return link


def _sources(name: str, table: OpenTable, request: FetchFilesRequest) -> dict[str, str | None]:
    """Name in the result -> name in the file, in order; None for a column it may lack."""
    if request.columns:
        known = {column.name: column.source_name for column in request.columns}
        optional = {column.source_name for column in request.columns if column.may_be_absent}
    else:
        known = {request.rename.get(each, each): each for each in table.columns}
        optional = set()
    wanted = [*request.rename, *known.values()]
    absent = [each for each in wanted if each not in table.columns and each not in optional]
    if absent or (not request.columns and len(known) != len(table.columns)):
        lacking = f"lacks the columns {', '.join(f'`{each}`' for each in absent)}"
        what = lacking if absent else "has two columns that get the same name by `rename`"
        raise DataError(
            f"{name} {what}; it has {', '.join(f'`{each}`' for each in table.columns[:50])}. "
            "Correct `columns` or `rename`, or have the file sent again",
            code="files.column-missing",
            details={"file": name, "missing": absent},
        )
    return {new: old if old in table.columns else None for new, old in known.items()}


def _selected(rows: pl.DataFrame, sources: dict[str, str | None]) -> pl.DataFrame:
    return rows.select(
        ROW,
        *(
            pl.lit(None, pl.String).alias(new) if old is None else pl.col(old).alias(new)
            for new, old in sources.items()
        ),
    )


def _misfit_cells(misfits: list[Misfit], columns: list[str]) -> pl.DataFrame:
    rows = [{ROW: each.row, **dict(zip(columns, each.cells, strict=True))} for each in misfits]
    return pl.DataFrame(rows, schema={ROW: pl.Int64(), **dict.fromkeys(columns, pl.String())})


def _set_aside(cells: pl.DataFrame, name: str, problems: list[FileProblem]) -> pl.DataFrame:
    """The rows as text with `reasons`, in order of row."""
    reasons: dict[int, list[str]] = {}
    for each in problems:
        where = f"{each.column}: " if each.column else ""
        reasons.setdefault(each.row or 0, []).append(f"{where}{each.found}")
    said = pl.DataFrame(
        {ROW: list(reasons), _REASONS: ["; ".join(each) for each in reasons.values()]},
        schema={ROW: pl.Int64, _REASONS: pl.String},
    )
    joined = cells.join(said, on=ROW, how="left", maintain_order="left")
    return joined.with_columns(pl.lit(name).alias(_FILE)).sort(ROW)


def _as_problem(name: str, misfit: Misfit) -> FileProblem:
    return FileProblem(
        code=misfit.code,
        file=name,
        row=misfit.row,
        found=misfit.found,
        remedy=misfit.remedy,
    )
