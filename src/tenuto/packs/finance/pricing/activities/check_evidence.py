"""Whether the evidence of an override is in the store, every byte as it was written."""

from tenuto.artifacts.current import current_store
from tenuto.catalog import implements
from tenuto.packs.finance.pricing import catalog
from tenuto.packs.finance.pricing.handoffs import EvidenceFound, EvidenceRequest


@implements(catalog.check_evidence)
def check_evidence(request: EvidenceRequest) -> EvidenceFound:
    """The evidence. Raises NotFoundError or CorruptError, which refuse the override."""
    current_store().verify(request.evidence)
    return EvidenceFound(evidence=request.evidence)
