"""Step 6: the break report as PDF and workbook."""

from typing import TYPE_CHECKING

from tenuto.activities.documents.stored import put_pdf, put_workbook
from tenuto.artifacts.current import current_store
from tenuto.artifacts.store import ArtifactStore
from tenuto.catalog import implements
from tenuto.core.references import Dataset
from tenuto.packs.finance.models import ReportPack
from tenuto.packs.finance.reconciliation import catalog
from tenuto.packs.finance.reconciliation.activities.history import read_report
from tenuto.packs.finance.reconciliation.handoffs import RenderReportRequest
from tenuto.packs.finance.reconciliation.report.content import TEMPLATE, content
from tenuto.packs.finance.reconciliation.report.sheets import OTHER_ROWS, RecTables, sheets

if TYPE_CHECKING:
    import polars as pl

PDF = "break-report.pdf"
XLSX = "break-report.xlsx"


@implements(catalog.render_report)
def render_report(request: RenderReportRequest) -> ReportPack:
    """Both files. The same report gives the same bytes, hence the same hashes."""
    store = current_store()
    report = read_report(store, request.report)
    sha256 = request.report.sha256
    tables = RecTables(
        breaks=store.get_table(report.breaks),
        closed=_head(store, report.closed),
        write_offs=store.get_table(report.write_offs),
        suggestions=_head(store, report.suggestions),
        exceptions=_head(store, report.exceptions),
    )
    said = content(report, sha256, tables.breaks, tables.write_offs)
    return ReportPack(
        pdf=put_pdf(store, TEMPLATE, said, name=PDF, dated=report.date),
        xlsx=put_workbook(
            store,
            sheets(report, sha256, tables),
            name=XLSX,
            title=f"{report.name or report.rec_id}, breaks of {report.date}",
            dated=report.date,
        ),
    )


def _head(store: ArtifactStore, table: Dataset) -> "pl.DataFrame":
    """As many rows as the workbook shows, and no more of them in memory."""
    return store.scan_table(table).head(OTHER_ROWS).collect()
