"""Step 10: people's comments beside the breaches, and the candidate made final."""

from tenuto.artifacts.current import current_store
from tenuto.catalog import implements
from tenuto.packs.finance.nav import catalog
from tenuto.packs.finance.nav.activities.history import RESULT, read_result
from tenuto.packs.finance.nav.parts import Check, Comment
from tenuto.packs.finance.nav.release_handoffs import FinaliseRequest, FinalNav


@implements(catalog.finalise)
def finalise(request: FinaliseRequest) -> FinalNav:
    """The final result; nothing but comments and status differs from the candidate."""
    store = current_store()
    candidate = read_result(store, request.candidate)
    checks = tuple(_commented(each, request.comments) for each in candidate.checks)
    final = candidate.model_copy(
        update={"status": "final", "checks": checks, "acceptance": request.acceptance}
    )
    return FinalNav(result=store.put_json(final, name=RESULT), checks=checks)


def _commented(check: Check, comments: tuple[Comment, ...]) -> Check:
    if check.outcome == "pass":
        return check
    said = tuple(each for each in comments if each.rule == check.rule)
    return check.model_copy(update={"comments": (*check.comments, *said)})
