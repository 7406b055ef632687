"""The files of one NAV pack by name and hash. The hash of this list is the hash of the pack."""

from datetime import date
from typing import Literal

from pydantic import NonNegativeInt

from tenuto.core.records import Record
from tenuto.core.references import Dataset, Document, Reference, Sha256
from tenuto.packs.finance.models import Identifier
from tenuto.packs.finance.nav.models import NavPack, NavResult
from tenuto.packs.finance.nav.parts import NavType

RESULT = "result.json"
PDF = "nav-pack.pdf"
XLSX = "nav-pack.xlsx"
POSITIONS = "positions.parquet"
MANIFEST = "manifest.json"

MEDIA_TYPES = {
    RESULT: "application/json",
    PDF: "application/pdf",
    XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    POSITIONS: "application/vnd.apache.parquet",
    MANIFEST: "application/json",
}


class PackFile(Record):
    """One file of a pack."""

    name: str
    sha256: Sha256
    bytes: NonNegativeInt
    media_type: str


class PackManifest(Record):
    """`manifest.json`."""

    version: Literal[1] = 1
    nav_id: str
    fund_id: Identifier
    date: date
    nav_type: NavType
    status: Literal["candidate", "final"]
    files: tuple[PackFile, ...]
    """Sorted by name; the manifest itself is not among them."""


def manifest_of(
    result: NavResult, *, json_file: Document, pdf: Document, xlsx: Document, parquet: Dataset
) -> PackManifest:
    """The manifest of a pack of these files."""
    files: dict[str, Reference] = {
        RESULT: json_file,
        PDF: pdf,
        XLSX: xlsx,
        POSITIONS: parquet,
    }
    return PackManifest(
        nav_id=result.nav_id,
        fund_id=result.fund_id,
        date=result.date,
        nav_type=result.nav_type,
        status=result.status,
        files=tuple(pack_file(name, files[name]) for name in sorted(files)),
    )


def pack_file(name: str, reference: Reference) -> PackFile:
    """How a manifest names `reference`."""
    return PackFile(
        name=name,
        sha256=reference.sha256,
        bytes=reference.bytes,
        media_type=MEDIA_TYPES[name],
    )


def files_of(pack: NavPack) -> dict[str, Reference]:
    """Every file of a pack by name, the manifest last: where it is, the others are too."""
    return {
        RESULT: pack.json_file,
        PDF: pack.pdf,
        XLSX: pack.xlsx,
        POSITIONS: pack.parquet,
        MANIFEST: pack.manifest,
    }
