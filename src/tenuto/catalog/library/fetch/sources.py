"""Where the bytes of a fetch come from, and what it says about what is wrong with them."""

from datetime import datetime, timedelta
from pathlib import PurePosixPath
from typing import Annotated, Literal, Self

from pydantic import Field, PositiveInt, model_validator
from temporalio.common import RetryPolicy

from tenuto.catalog.library.fetch.secret_reference import SecretReference
from tenuto.core.records import Record
from tenuto.core.references import Document

Compression = Literal["none", "gzip", "zip"]
Encoding = Literal["utf-8", "utf-8-sig", "utf-16", "latin-1", "cp1252"]
OnProblem = Literal["fail", "quarantine"]

_MEBIBYTE = 1024 * 1024

WAIT_FOR_FILES = RetryPolicy(
    initial_interval=timedelta(seconds=1),
    maximum_interval=timedelta(minutes=1),
    maximum_attempts=10,
)
"""About four minutes, for a sender that is still writing."""


class ReadLimits(Record):
    """What a file may grow to while it is read; beyond it the file is refused."""

    max_bytes: PositiveInt = 2048 * _MEBIBYTE
    """Bytes of one file, before and after decompression."""
    max_ratio: PositiveInt = 100
    """Bytes that one compressed byte may become, once 1 MiB has come out."""
    max_zip_entries: PositiveInt = 1000
    """Files in one archive or workbook."""
    max_files: PositiveInt = 1000
    """Files that a glob may match."""
    max_line_chars: PositiveInt = _MEBIBYTE
    """Characters of one line or one record."""


class FileSource(Record):
    """Files to read: a path or glob, or one artifact that is in the store already."""

    path: str | None = None
    """A path, an fsspec URL, or a glob of either: `inbox/*.csv`, `s3://bucket/in/a.csv`."""
    document: Document | None = None
    """A file in the artifact store, instead of `path`."""
    credentials: dict[str, SecretReference] = Field(default_factory=dict)
    """fsspec option -> secret reference, for example `password: secret://env/SFTP_PASSWORD`."""
    compression: Compression = "none"
    zip_entry: str | None = None
    """The file inside a zip; not needed where there is only one."""
    encoding: Encoding = "utf-8"
    min_age_s: Annotated[int, Field(ge=0)] = 0
    """A file changed less than this many seconds ago counts as still being written."""
    limits: ReadLimits = ReadLimits()

    @model_validator(mode="after")
    def _names_one_place(self) -> Self:
        if (self.path is None) == (self.document is None):
            raise ValueError("give either `path` or `document`")
        if self.zip_entry is not None:
            if self.compression != "zip":
                raise ValueError("`zip_entry` needs `compression: zip`")
            parts = PurePosixPath(self.zip_entry).parts
            if not parts or self.zip_entry.startswith("/") or ".." in parts:
                raise ValueError("`zip_entry` is a relative name without `..`")
        return self


class FileProblem(Record):
    """One thing wrong with a file, said so that it can be fixed."""

    code: str
    """Stable, for example `files.not-a-date`."""
    file: str
    row: int | None = None
    """1-based line of a text file; row of a sheet or table; record of a JSON document."""
    column: str | None = None
    found: str
    """What is there, in words."""
    remedy: str
    """What to do about it."""


class FetchedFile(Record):
    """One file as it was read, pinned."""

    name: str
    """What `source_file` says: the path below the folder that holds all files of this fetch."""
    content: Document
    """The file itself as it was found, compressed if it was."""
    modified: datetime | None = None
    """When it was last written, as far as its filesystem tells."""
    rows: int
