"""Step 8: the names of a set bound, which is the moment of its publication."""

from tenuto.artifacts.current import current_store
from tenuto.catalog import implements
from tenuto.core.references import Reference
from tenuto.packs.finance.pricing import catalog
from tenuto.packs.finance.pricing.activities.history import AUDIT
from tenuto.packs.finance.pricing.activities.render_report import PDF, XLSX
from tenuto.packs.finance.pricing.handoffs import FinalPrices, PublishedPrices


@implements(catalog.publish)
def publish(request: FinalPrices) -> PublishedPrices:
    """The bound names. `audit.json` comes last: a set without it was not published.

    Raises UsageError `artifact.name-taken` when a name is bound to other content.
    """
    store = current_store()
    files: dict[str, Reference] = {
        "prices.parquet": request.prices,
        "price-set.parquet": request.price_set,
        "checks.parquet": request.checks,
        "candidates.parquet": request.candidates,
        "quotes.parquet": request.quotes,
        "report.json": request.report,
    }
    if request.pack:
        files |= {PDF: request.pack.pdf, XLSX: request.pack.xlsx}
    files[AUDIT] = request.audit
    names = {f"{request.pricing_id}/{file}": reference for file, reference in files.items()}
    for name, reference in names.items():
        store.bind(name, reference)
    return PublishedPrices(names=tuple(sorted(names)))
