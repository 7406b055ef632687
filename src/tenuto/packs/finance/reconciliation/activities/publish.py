"""Step 7: the names of a run bound, which is the moment of its release."""

from tenuto.artifacts.current import current_store
from tenuto.catalog import implements
from tenuto.core.references import Reference
from tenuto.packs.finance.reconciliation import catalog
from tenuto.packs.finance.reconciliation.activities.history import REPORT
from tenuto.packs.finance.reconciliation.activities.render_report import PDF, XLSX
from tenuto.packs.finance.reconciliation.handoffs import PublishedRec, PublishRequest


@implements(catalog.publish)
def publish(request: PublishRequest) -> PublishedRec:
    """The bound names. `report.json` comes last: a run without it was not released.

    Raises UsageError `artifact.name-taken` when a name is bound to other content.
    """
    store = current_store()
    named: dict[str, Reference] = {
        f"{request.run_id}/breaks.parquet": request.breaks,
    }
    if request.pack:
        named[f"{request.run_id}/{PDF}"] = request.pack.pdf
        named[f"{request.run_id}/{XLSX}"] = request.pack.xlsx
    named[f"{request.run_id}/{REPORT}"] = request.document
    for name, reference in named.items():
        store.bind(name, reference)
    return PublishedRec(names=tuple(named))
