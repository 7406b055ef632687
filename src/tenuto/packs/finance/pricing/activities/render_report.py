"""Step 7: the report as PDF and workbook."""

from tenuto.activities.documents.stored import put_pdf, put_workbook
from tenuto.artifacts.current import current_store
from tenuto.catalog import implements
from tenuto.packs.finance.models import ReportPack
from tenuto.packs.finance.pricing import catalog
from tenuto.packs.finance.pricing.handoffs import RenderReportRequest
from tenuto.packs.finance.pricing.models import PricingReport
from tenuto.packs.finance.pricing.report.content import TEMPLATE, content
from tenuto.packs.finance.pricing.report.sheets import sheets

PDF = "pricing-report.pdf"
XLSX = "pricing-report.xlsx"


@implements(catalog.render_report)
def render_report(request: RenderReportRequest) -> ReportPack:
    """Both files. The same report gives the same bytes, hence the same hashes."""
    store = current_store()
    report = PricingReport.model_validate_json(store.get_bytes(request.report))
    prices = store.get_table(request.price_set)
    sha256 = request.report.sha256
    return ReportPack(
        pdf=put_pdf(store, TEMPLATE, content(report, sha256), name=PDF, dated=report.date),
        xlsx=put_workbook(
            store,
            sheets(report, sha256, prices),
            name=XLSX,
            title=f"{report.policy_name or report.policy_id}, prices of {report.date}",
            dated=report.date,
        ),
    )
