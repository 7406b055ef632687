"""`fetch.files`: tables out of files, with every cell accounted for."""

import re
from datetime import timedelta
from typing import Annotated, Literal, Self

from pydantic import Field, NonNegativeInt, PositiveInt, StringConstraints, model_validator

from tenuto.catalog.entries import SideEffect, activity
from tenuto.catalog.library.fetch.columns import ColumnSpec, refuse_twice_named
from tenuto.catalog.library.fetch.sources import (
    WAIT_FOR_FILES,
    FetchedFile,
    FileProblem,
    FileSource,
    OnProblem,
)
from tenuto.core.records import Record
from tenuto.core.references import Dataset, Document

FileFormat = Literal["csv", "tsv", "fixed_width", "excel", "json", "jsonl", "parquet"]
ColumnName = Annotated[str, StringConstraints(min_length=1, max_length=200)]

LINEAGE = ("source_file", "source_row")
"""Columns that every table begins with: the file, and its 1-based row."""


class FileColumn(ColumnSpec):
    """One column of the table, as the file should hold it; `source` is its name in the file."""

    formats: tuple[str, ...] = ()
    """For `date` and `datetime`, tried in order (`%d.%m.%Y`); ISO 8601 if none is given."""
    true_words: tuple[str, ...] = ("true", "yes", "y", "1")
    false_words: tuple[str, ...] = ("false", "no", "n", "0")
    """For `boolean`, in any case."""
    start: PositiveInt | None = None
    """For `fixed_width`: first character, 1-based."""
    width: PositiveInt | None = None
    """For `fixed_width`: characters."""

    @model_validator(mode="after")
    def _formats_are_whole(self) -> Self:
        needed = {"date": ("dmy",), "datetime": ("dmyHM",)}.get(self.kind, ())
        for form in self.formats:
            given = _fields_of(form)
            for letters in needed:
                missing = [f"%{letter}" for letter in letters if letter not in given]
                if missing:
                    raise ValueError(f"format {form!r} of column {self.name!r} lacks {missing}")
        return self


class NumberLayout(Record):
    """How numbers are written."""

    decimal_mark: Literal[".", ","] = "."
    thousands_separator: Literal["", ",", ".", "'", " "] = ""
    """Accepted between groups of three digits only. A no-break space counts as a space."""
    negative: Literal["leading", "trailing", "parentheses"] = "leading"
    """`-1`, `1-`, or `(1)`."""

    @model_validator(mode="after")
    def _marks_differ(self) -> Self:
        if self.decimal_mark == self.thousands_separator:
            raise ValueError("the decimal mark and the thousands separator are the same")
        return self


class FetchFilesRequest(FileSource):
    """Which files to read, and what they should hold."""

    format: FileFormat
    columns: tuple[FileColumn, ...] = ()
    """Typed columns. Without any, every column of the file is kept as text (Parquet keeps its
    own types). With some, other columns of the file are left out."""
    rename: dict[str, ColumnName] = Field(default_factory=dict)
    """Name in the file -> name in the result, where no columns are declared."""
    missing: tuple[str, ...] = ("",)
    """Cells that mean "no value", for example `""`, `N/A`."""
    numbers: NumberLayout = NumberLayout()
    delimiter: Annotated[str, StringConstraints(min_length=1, max_length=1)] | None = None
    """For `csv`: `,` unless given."""
    quote: Annotated[str, StringConstraints(max_length=1)] = '"'
    """For `csv` and `tsv`; empty where quotes are ordinary characters."""
    has_header: bool = True
    """Without a header, columns are `column_1`, `column_2`, ... or as declared, in order."""
    skip_rows: NonNegativeInt = 0
    """Lines or rows before the header."""
    footer_rows: NonNegativeInt = 0
    """Lines at the end of a text file that are no records."""
    line_width: PositiveInt | None = None
    """For `fixed_width`: the exact length of every line."""
    sheet: str | None = None
    """For `excel`; the first sheet unless given."""
    records_key: str | None = None
    """For `json`: where the list of records stands, for example `data.rows`; else the top."""
    on_problem: OnProblem = "fail"
    """`fail`: nothing is returned if a cell is wrong. `quarantine`: such rows are set aside."""
    name: str = "file rows"
    """What the dataset is called."""

    @model_validator(mode="after")
    def _fits_its_format(self) -> Self:
        refuse_twice_named(self.columns)
        reserved = {*(column.name for column in self.columns), *self.rename.values()}
        reserved &= {*LINEAGE, "reasons"}
        if reserved:
            raise ValueError(f"the column name {min(reserved)!r} is reserved")
        if self.columns and self.rename:
            raise ValueError("declared columns say `source` instead of `rename`")
        if self.format == "fixed_width":
            if not self.columns or any(c.start is None or c.width is None for c in self.columns):
                raise ValueError("`fixed_width` needs `columns`, each with `start` and `width`")
            if self.rename or any(column.source for column in self.columns):
                raise ValueError("`fixed_width` has no names in the file")
        if self.format in ("excel", "parquet") and self.compression == "gzip":
            raise ValueError(f"{self.format} files are compressed already; unpack them first")
        return self


class FetchedFiles(Record):
    """Rows of all files as one table, and what was set aside."""

    data: Dataset
    """`source_file, source_row` and the columns, in order of file and row."""
    files: tuple[FetchedFile, ...]
    quarantine: Dataset | None = None
    """`source_file, source_row, reasons` and the cells as text, for rows that were set aside."""
    problem_count: NonNegativeInt = 0
    problems: tuple[FileProblem, ...] = ()
    """The first 100."""
    all_problems: Document | None = None
    """Every problem, one JSON object a line."""


def _fields_of(form: str) -> str:
    """The letters of a date format; `%F`, `%T` and their like spelled out."""
    spelled = {"F": "Ymd", "D": "mdy", "T": "HMS", "R": "HM", "s": "YmdHMS", "+": "YmdHMS"}
    letters = re.findall(r"%[-_0]?\.?\d?([A-Za-z+])", form)
    found = "".join(spelled.get(letter, letter) for letter in letters)
    return found + ("y" if "Y" in found else "") + ("m" if {"b", "B"} & set(found) else "")


fetch_files = activity(
    "fetch.files",
    request=FetchFilesRequest,
    result=FetchedFiles,
    summary="Read CSV, Excel, JSON, Parquet, or fixed-width files into one typed table.",
    queue="integration",
    start_to_close=timedelta(hours=1),
    retry=WAIT_FOR_FILES,
    side_effect=SideEffect.ARTIFACTS,
    idempotency="Reads files and keeps them by content: the same files give the same table.",
)
