"""What crosses a workflow in place of bytes: references into the artifact store.

A reference names content, not a place: `uri` is relative to whichever store the process
is configured with, so a store can move without touching a history.
"""

from typing import Annotated

from pydantic import Field, NonNegativeInt, StringConstraints

from tenuto.core.records import Record

Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
"""A SHA-256 digest, 64 lower-case hexadecimal characters."""

ArtifactUri = Annotated[str, StringConstraints(pattern=r"^artifact://[0-9a-f]{64}$")]
"""`artifact://<sha256>`."""


class Column(Record):
    """One column of a dataset."""

    name: str
    dtype: str
    """Polars type name, for example `Decimal(38, 10)` or `Date`."""


class Document(Record):
    """A file or a JSON value in the artifact store, pinned by its content."""

    uri: ArtifactUri
    sha256: Sha256
    bytes: NonNegativeInt
    media_type: str = "application/octet-stream"
    name: str = ""
    """The name a person knows it by, for example `positions.csv`. Not part of the content."""


class Dataset(Record):
    """A table in the artifact store (Parquet), pinned by its content."""

    uri: ArtifactUri
    sha256: Sha256
    bytes: NonNegativeInt
    rows: NonNegativeInt
    columns: Annotated[tuple[Column, ...], Field(min_length=1)]
    name: str = ""
    """The name a person knows it by, for example `valued positions`. Not part of the content."""


Reference = Document | Dataset
"""Anything that `tenuto artifacts show` can resolve."""
