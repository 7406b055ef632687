"""Closed breaks leave the desk for the artifact store, with their whole stories."""

from tenuto.artifacts.current import current_store
from tenuto.catalog import implements
from tenuto.packs.finance.reconciliation import catalog
from tenuto.packs.finance.reconciliation.handoffs import ArchivedCases, ArchiveRequest


@implements(catalog.archive_cases)
def archive_cases(request: ArchiveRequest) -> ArchivedCases:
    """The name they are found by: `reconciliation/<rec_id>/closed-breaks/<hash>.json`."""
    store = current_store()
    cases = sorted(request.cases, key=lambda each: each.break_id)
    document = store.put_json(
        [each.model_dump(mode="json") for each in cases], name="closed-breaks.json"
    )
    name = f"reconciliation/{request.rec_id}/closed-breaks/{document.sha256[:32]}.json"
    store.bind(name, document)
    return ArchivedCases(name=name, document=document)
