"""Which exceptions a set has, and which of them nobody decided."""

from pydantic import TypeAdapter

from tenuto.artifacts.store import ArtifactStore
from tenuto.packs.finance.pricing.handoffs import FinaliseRequest
from tenuto.packs.finance.pricing.models import PriceException

_EXCEPTIONS = TypeAdapter(tuple[PriceException, ...])


def all_exceptions(request: FinaliseRequest, store: ArtifactStore) -> tuple[PriceException, ...]:
    """Those that the run knows, and those that were too many to travel to it, sorted."""
    listed = _EXCEPTIONS.validate_json(store.get_bytes(request.proposed.all_exceptions))
    known = {each.instrument_id: each for each in listed}
    known |= {each.instrument_id: each for each in request.exceptions}
    return tuple(known[name] for name in sorted(known))


def unanswered(request: FinaliseRequest) -> list[str]:
    """Instruments with an exception that nobody decided, sorted; a challenge decides nothing."""
    answered = {
        each.instrument_id for each in request.decisions if each.action != "challenge_vendor"
    }
    return sorted({each.instrument_id for each in request.exceptions} - answered)
