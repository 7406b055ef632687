"""Step 11: the NAV pack, every file of it under one hash."""

from tenuto.activities.documents.stored import put_pdf, put_workbook
from tenuto.artifacts.current import current_store
from tenuto.catalog import implements
from tenuto.packs.finance.nav import catalog
from tenuto.packs.finance.nav.activities.history import read_result
from tenuto.packs.finance.nav.models import NavPack
from tenuto.packs.finance.nav.release_handoffs import RenderPackRequest
from tenuto.packs.finance.nav.report.content import TEMPLATE, content
from tenuto.packs.finance.nav.report.manifest import (
    MANIFEST,
    PDF,
    POSITIONS,
    RESULT,
    XLSX,
    manifest_of,
)
from tenuto.packs.finance.nav.report.sheets import sheets


@implements(catalog.render_pack)
def render_pack(request: RenderPackRequest) -> NavPack:
    """The pack of one result. The same result gives the same bytes, hence the same hash."""
    store = current_store()
    result = read_result(store, request.result)
    positions = store.get_table(result.positions)
    sha256 = request.result.sha256
    files = {
        "json_file": request.result.model_copy(update={"name": RESULT}),
        "pdf": put_pdf(
            store, TEMPLATE, content(result, sha256, positions), name=PDF, dated=result.date
        ),
        "xlsx": put_workbook(
            store,
            sheets(result, sha256, positions),
            name=XLSX,
            title=f"{result.fund_name or result.fund_id}, {result.date}, {result.status}",
            dated=result.date,
        ),
    }
    parquet = result.positions.model_copy(update={"name": POSITIONS})
    manifest = manifest_of(result, **files, parquet=parquet)
    return NavPack(manifest=store.put_json(manifest, name=MANIFEST), **files, parquet=parquet)
