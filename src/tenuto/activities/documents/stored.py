"""Reports on their way into the artifact store."""

from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tenuto.activities.documents.pdf import render_pdf
from tenuto.activities.documents.workbook import Sheet, write_workbook
from tenuto.activities.heartbeat import beat
from tenuto.artifacts.media_types import media_type_of
from tenuto.artifacts.store import ArtifactStore
from tenuto.core.references import Document


def put_pdf(
    store: ArtifactStore, template: str, content: Mapping[str, Any], *, name: str, dated: date
) -> Document:
    """`content` set by `template`, stored. Raises as `render_pdf`."""
    beat("PDF")
    pdf = render_pdf(template, content, dated=dated)
    return store.put_bytes(pdf, name=name, media_type=media_type_of(name))


def put_workbook(
    store: ArtifactStore, sheets: Iterable[Sheet], *, name: str, title: str, dated: date
) -> Document:
    """The sheets as XLSX, stored; the temporary file is gone afterwards, whatever happens."""
    beat("workbook")
    with TemporaryDirectory(prefix="tenuto-") as folder:
        path = Path(folder) / name
        write_workbook(path, sheets, title=title, dated=dated, beat=beat)
        return store.put_file(path, name=name, media_type=media_type_of(name))
