"""The artifact store: what went in comes out unchanged, or not at all."""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from io import BufferedReader
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from pydantic import JsonValue

from tenuto.artifacts import media_types, names, tables
from tenuto.artifacts.blobs import (
    Blob,
    Totals,
    blob_path,
    copy_hashing,
    corrupt,
    hash_rest,
    is_sha256,
    label,
    not_found,
    sha256_of,
    uri_of,
)
from tenuto.artifacts.drivers import open_place
from tenuto.artifacts.place import reading, writing
from tenuto.core.canonical import canonical_json, read_json
from tenuto.core.errors import NotFoundError, UsageError
from tenuto.core.references import Dataset, Document, Reference

if TYPE_CHECKING:
    import polars as pl

DEFAULT_URL = ".tenuto/artifacts"


def open_store(url: str = DEFAULT_URL) -> "ArtifactStore":
    """The store at a local folder or an fsspec URL; it is created by the first write.

    Raises UsageError when the URL is not understood or its driver is not installed.
    """
    return ArtifactStore(url)


class ArtifactStore:
    """Content under its own hash, and names bound to it once.

    Every method takes a reference or an `artifact://` URI. Reading verifies the hash and
    raises CorruptError for a changed byte, NotFoundError for content that is not there.
    Writing makes the whole content visible or none of it. Threads may share a store.
    """

    def __init__(self, url: str = DEFAULT_URL) -> None:
        self.place = open_place(url)

    @property
    def url(self) -> str:
        """Where it is: absolute, and without credentials."""
        return self.place.url

    def put_bytes(self, data: bytes, *, name: str, media_type: str) -> Document:
        """Stores the bytes and returns their reference."""
        sha256 = hashlib.sha256(data).hexdigest()
        self._keep(sha256, len(data), lambda path: self.place.write(path, data))
        return _document(sha256, len(data), media_type, name)

    def put_file(
        self, path: Path | str, *, name: str | None = None, media_type: str | None = None
    ) -> Document:
        """Stores a local file in pieces of 1 MiB, so it may be larger than memory.

        The name is the file's, and the media type follows from its suffix, unless given.
        Raises NotFoundError when there is no such file.
        """
        path = Path(path)
        with _open_source(path) as source, self.place.scratch() as scratch:
            with writing(self.url), scratch.open("wb") as target:
                sha256, size = copy_hashing(source, target)
            self._keep(sha256, size, lambda to: self.place.adopt(scratch, to))
        media_type = media_type or media_types.media_type_of(path.name)
        return _document(sha256, size, media_type, name or path.name)

    def put_json(self, value: object, *, name: str) -> Document:
        """Stores a JSON value or a model in its canonical form: equal values, equal hash.

        Raises UsageError for what JSON has no exact form for, a Decimal among them.
        """
        return self.put_bytes(canonical_json(value), name=name, media_type=media_types.JSON)

    def put_table(self, frame: "pl.DataFrame | pl.LazyFrame", *, name: str) -> Dataset:
        """Stores a table as Parquet; equal rows in equal order give an equal hash.

        A lazy frame is streamed and may be larger than memory. Raises UsageError for a table
        without columns, and when polars is not installed.
        """
        with self.place.scratch() as scratch:
            rows, columns = tables.write_table(frame, scratch)
            with scratch.open("rb") as file:
                sha256, size = hash_rest(file)
            self._keep(sha256, size, lambda to: self.place.adopt(scratch, to))
        return Dataset(
            uri=uri_of(sha256),
            sha256=sha256,
            bytes=size,
            rows=rows,
            columns=tuple(columns),
            name=name,
        )

    def get_bytes(self, reference: Reference | str) -> bytes:
        """All of the content, verified."""
        sha256 = sha256_of(reference)
        try:
            data = self.place.read(blob_path(sha256))
        except FileNotFoundError as missing:
            raise not_found(reference, self.url) from missing
        found = hashlib.sha256(data).hexdigest()
        self._verify(reference, found, len(data))
        return data

    def get_json(self, reference: Reference | str) -> JsonValue:
        """The value of a JSON document. Raises DataError when the content is not JSON."""
        return read_json(self.get_bytes(reference), label(reference))

    def get_table(self, reference: Reference | str) -> "pl.DataFrame":
        """All of a table. Raises DataError when the content is not Parquet."""
        with self.open(reference) as file:
            return tables.read_table(file, label(reference))

    def scan_table(self, reference: Reference | str) -> "pl.LazyFrame":
        """A table verified now and read when collected; it does not outlive this process.

        Raises DataError when the content is not Parquet.
        """
        with self.open(reference) as file:
            return tables.scan_table(file, label(reference))

    @contextmanager
    def open(self, reference: Reference | str) -> Iterator[BinaryIO]:
        """The content as a binary file, verified, for the time of the `with`."""
        with ExitStack() as stack:
            yield self._borrow(reference, stack)[1]

    @contextmanager
    def local_path(self, reference: Reference | str) -> Iterator[Path]:
        """The content as a local file, verified, to be read within the `with`.

        The stored file itself in a local folder, a temporary copy otherwise.
        """
        with ExitStack() as stack:
            yield self._borrow(reference, stack)[0]

    def verify(self, reference: Reference | str) -> Blob:
        """Reads all of the content; returns its hash and size if every byte is as written."""
        with self.open(reference):
            return self.stat(reference)

    def stat(self, reference: Reference | str) -> Blob:
        """Hash and size of stored content, without reading it."""
        sha256 = sha256_of(reference)
        size = self.place.size(blob_path(sha256))
        if size is None:
            raise not_found(reference, self.url)
        return Blob(uri=uri_of(sha256), sha256=sha256, bytes=size)

    def list_blobs(self) -> Iterator[Blob]:
        """Everything stored, in no order. Files that others left there are passed over."""
        for path, size in self.place.walk("blobs"):
            sha256 = path.rpartition("/")[2]
            if is_sha256(sha256):
                yield Blob(uri=uri_of(sha256), sha256=sha256, bytes=size)

    def totals(self) -> Totals:
        """How many blobs there are and how many bytes they take."""
        sizes = [blob.bytes for blob in self.list_blobs()]
        return Totals(blobs=len(sizes), bytes=sum(sizes))

    def bind(self, name: str, reference: Reference) -> None:
        """Gives stored content a name, once; the same content again changes nothing.

        Raises UsageError when the name is bound to other content or is not a safe path, and
        NotFoundError when the content is not in the store.
        """
        names.check_name(name)
        self.stat(reference)
        self.place.renew(blob_path(reference.sha256))
        names.bind_name(self.place, name, reference)

    def resolve(self, name: str) -> Reference:
        """What a name is bound to. Raises NotFoundError when it is not."""
        return names.resolve_name(self.place, name)

    def names(self, prefix: str = "") -> Iterator[tuple[str, Reference]]:
        """The names that start with `prefix` and what they are bound to, sorted by name."""
        return names.list_names(self.place, prefix)

    def _keep(self, sha256: str, size: int, write: Callable[[str], None]) -> None:
        path = blob_path(sha256)
        present = self.place.size(path)
        if present is not None and present != size:
            raise corrupt(uri_of(sha256), self.url, f"holds {present} bytes instead of {size}")
        # A blob that is there already is made young, so that garbage collection spares it.
        if present is None or not self.place.renew(path):
            write(path)

    def _borrow(self, reference: Reference | str, stack: ExitStack) -> tuple[Path, BufferedReader]:
        sha256 = sha256_of(reference)
        try:
            with reading(self.url):
                path = stack.enter_context(self.place.borrow(blob_path(sha256)))
                file = stack.enter_context(path.open("rb"))
                found, size = hash_rest(file)
                file.seek(0)
        except FileNotFoundError as missing:
            raise not_found(reference, self.url) from missing
        self._verify(reference, found, size)
        return path, file

    def _verify(self, reference: Reference | str, found: str, size: int) -> None:
        if found != sha256_of(reference):
            raise corrupt(reference, self.url, f"holds {size} bytes that hash to {found}")


def _document(sha256: str, size: int, media_type: str, name: str) -> Document:
    return Document(uri=uri_of(sha256), sha256=sha256, bytes=size, media_type=media_type, name=name)


def _open_source(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except FileNotFoundError as missing:
        raise NotFoundError(
            f"There is no file `{path}` to store.", code="artifact.no-such-file"
        ) from missing
    except OSError as wrong:
        raise UsageError(
            f"`{path}` cannot be stored: {wrong.strerror}. Expected a file that this process may "
            "read; store the files of a folder one by one.",
            code="artifact.not-a-file",
        ) from wrong
