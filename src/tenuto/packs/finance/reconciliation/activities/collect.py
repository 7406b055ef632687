"""Step 1: the sources of a run as typed tables, and what it rolls forward from."""

from tenuto.activities.dealing_days import calendar_problem
from tenuto.artifacts.current import current_store
from tenuto.artifacts.store import ArtifactStore
from tenuto.catalog import implements
from tenuto.core.errors import DataError, UsageError
from tenuto.core.references import Document, Reference
from tenuto.packs.finance.reconciliation import catalog
from tenuto.packs.finance.reconciliation.activities.carrying import carried_items
from tenuto.packs.finance.reconciliation.activities.estimates import estimate_side
from tenuto.packs.finance.reconciliation.activities.history import latest_before, read_report
from tenuto.packs.finance.reconciliation.activities.sources import collect_side
from tenuto.packs.finance.reconciliation.handoffs import (
    CollectedSide,
    CollectedSources,
    CollectRequest,
    DeskDecisions,
)
from tenuto.packs.finance.reconciliation.models import ReconciliationRequest, RecReport


@implements(catalog.collect)
def collect(request: CollectRequest) -> CollectedSources:
    """Every side that was delivered or can be estimated; the others by name.

    Raises DataError for a file that cannot be read, naming file, row, and remedy, and UsageError
    for a calendar or a side that does not exist.
    """
    asked, store = request.request, current_store()
    _refuse_unknown_names(asked)
    document = asked.prior or latest_before(store, asked.rules.rec_id, asked.date)
    prior = _checked_prior(asked, document, store)
    sources = {**asked.sources, **request.supplied}
    sides: list[CollectedSide] = []
    late: list[str] = []
    for side in asked.rules.sides:
        found = (
            collect_side(asked.rules, side, sources[side.name], store)
            if side.name in sources
            else _estimated(asked, side.name, prior, store)
        )
        if found is None:
            late.append(side.name)
        else:
            sides.append(found)
    carried = carried_items(asked.rules, prior, request.decisions, store)
    sides = [each.model_copy(update={"carried": carried.get(each.name)}) for each in sides]
    has_decisions = request.decisions != DeskDecisions()
    return CollectedSources(
        run_id=run_id_of(asked),
        sides=tuple(sides),
        late=tuple(late),
        prior=document,
        inputs=_hashes(asked, sources, document, store),
        decisions=store.put_json(request.decisions, name="decisions.json")
        if has_decisions
        else None,
    )


def run_id_of(request: ReconciliationRequest) -> str:
    """`reconciliation/<rec_id>/<date>/v<n>`."""
    return f"reconciliation/{request.rules.rec_id}/{request.date}/v{request.version}"


def _refuse_unknown_names(request: ReconciliationRequest) -> None:
    problem = calendar_problem(request.rules.calendar)
    if problem:
        raise UsageError("; ".join(problem) + ".", code="calendar.unknown")
    known = [side.name for side in request.rules.sides]
    for what in ("sources", "movements", "statements"):
        for name in getattr(request, what):
            if name not in known:
                raise UsageError(
                    f"`{what}` names side `{name}`; sides are "
                    f"{', '.join(f'`{each}`' for each in known)}.",
                    code="reconciliation.unknown-side",
                )


def _checked_prior(
    request: ReconciliationRequest, document: Document | None, store: ArtifactStore
) -> RecReport | None:
    if document is None:
        return None
    prior = read_report(store, document)
    if (prior.rec_id, prior.base_currency) != (request.rules.rec_id, request.rules.base_currency):
        raise DataError(
            f"The prior run is of `{prior.rec_id}` in {prior.base_currency}, expected "
            f"`{request.rules.rec_id}` in {request.rules.base_currency}; give one of its own, or "
            "leave `prior` out.",
            code="reconciliation.prior-differs",
        )
    if prior.date >= request.date:
        raise DataError(
            f"The prior run is of {prior.date}, which is not before {request.date}; give an "
            "earlier one, or leave `prior` out.",
            code="reconciliation.prior-differs",
        )
    return prior


def _estimated(
    request: ReconciliationRequest, side: str, prior: RecReport | None, store: ArtifactStore
) -> CollectedSide | None:
    if request.rules.on_late != "estimate":
        return None
    source = (
        next((each.source for each in prior.sides if each.side == side), None) if prior else None
    )
    movements = request.movements.get(side)
    return estimate_side(request.rules, request.rules.side(side), source, movements, store)


def _hashes(
    request: ReconciliationRequest,
    sources: dict[str, Reference],
    prior: Document | None,
    store: ArtifactStore,
) -> dict[str, str]:
    hashes = {"rules": store.put_json(request.rules, name="rec.json").sha256}
    groups = {"side": sources, "movements": request.movements, "statements": request.statements}
    for what, references in groups.items():
        hashes |= {f"{what} {name}": each.sha256 for name, each in references.items()}
    if request.fx is not None:
        hashes["fx"] = request.fx.sha256
    if prior is not None:
        hashes["prior"] = prior.sha256
    return hashes
