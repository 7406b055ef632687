"""Step 11: the NAV pack, every file of it under one hash."""

from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl

from tenuto.activities.heartbeat import beat
from tenuto.artifacts.current import current_store
from tenuto.artifacts.store import ArtifactStore
from tenuto.catalog import implements
from tenuto.core.references import Document
from tenuto.packs.finance.nav import catalog
from tenuto.packs.finance.nav.activities.history import read_result
from tenuto.packs.finance.nav.handoffs import RenderPackRequest
from tenuto.packs.finance.nav.models import NavPack, NavResult
from tenuto.packs.finance.nav.report.content import content
from tenuto.packs.finance.nav.report.manifest import (
    MANIFEST,
    MEDIA_TYPES,
    PDF,
    POSITIONS,
    RESULT,
    XLSX,
    manifest_of,
)
from tenuto.packs.finance.nav.report.pdf import render_pdf
from tenuto.packs.finance.nav.report.sheets import sheets
from tenuto.packs.finance.nav.report.workbook import write_workbook


@implements(catalog.render_pack)
def render_pack(request: RenderPackRequest) -> NavPack:
    """The pack of one result. The same result gives the same bytes, hence the same hash."""
    store = current_store()
    result = read_result(store, request.result)
    positions = store.get_table(result.positions)
    sha256 = request.result.sha256
    files = {
        "json_file": request.result.model_copy(update={"name": RESULT}),
        "pdf": _pdf(store, result, sha256, positions),
        "xlsx": _xlsx(store, result, sha256, positions),
    }
    parquet = result.positions.model_copy(update={"name": POSITIONS})
    manifest = manifest_of(result, **files, parquet=parquet)
    return NavPack(manifest=store.put_json(manifest, name=MANIFEST), **files, parquet=parquet)


def _pdf(store: ArtifactStore, result: NavResult, sha256: str, positions: pl.DataFrame) -> Document:
    beat("PDF")
    pdf = render_pdf(content(result, sha256, positions), dated=result.date)
    return store.put_bytes(pdf, name=PDF, media_type=MEDIA_TYPES[PDF])


def _xlsx(
    store: ArtifactStore, result: NavResult, sha256: str, positions: pl.DataFrame
) -> Document:
    beat("workbook")
    with TemporaryDirectory(prefix="tenuto-") as folder:
        path = Path(folder) / XLSX
        write_workbook(
            path,
            sheets(result, sha256, positions),
            title=f"{result.fund_name or result.fund_id}, {result.date}, {result.status}",
            dated=result.date,
            beat=beat,
        )
        return store.put_file(path, name=XLSX, media_type=MEDIA_TYPES[XLSX])
