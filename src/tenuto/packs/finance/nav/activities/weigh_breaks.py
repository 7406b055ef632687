"""What the open breaks of the reconciliations are worth beside the NAV."""

from collections.abc import Iterator
from decimal import Decimal

import polars as pl

from tenuto.artifacts.current import current_store
from tenuto.artifacts.store import ArtifactStore
from tenuto.catalog import implements
from tenuto.core.errors import DataError
from tenuto.core.money import RoundingMode, divide, multiply, total
from tenuto.packs.finance.nav import catalog
from tenuto.packs.finance.nav.activities.digits import plain
from tenuto.packs.finance.nav.handoffs import PositionBreak, WeighBreaksRequest, WeighedBreaks
from tenuto.packs.finance.reconciliation.models import ReconciliationResult, RecReport

_PLACES = 4


@implements(catalog.weigh_breaks)
def weigh_breaks(request: WeighBreaksRequest) -> WeighedBreaks:
    """Basis points of the NAV, and the positions that differ in units.

    A break that could not be converted makes the value unknown: it is not taken for nothing.
    Raises DataError `nav.reconciled-in-other-currency`.
    """
    store = current_store()
    for each in request.reconciliations:
        _refuse_other_currency(each, request.base_currency)
    positions = [each for each in request.reconciliations if each.kind == "position"]
    found = tuple(found for each in positions for found in _position_breaks(store, each))
    return WeighedBreaks(
        open_breaks_bp=_in_basis_points(request),
        position_breaks=found if positions else None,
    )


def _in_basis_points(request: WeighBreaksRequest) -> Decimal | None:
    results = request.reconciliations
    if not results or request.nav <= 0 or any(each.unconverted for each in results):
        return None
    amount = total(each.open_amount for each in results)
    return divide(
        multiply(amount, 10_000), request.nav, places=_PLACES, mode=RoundingMode.HALF_EVEN
    )


def _position_breaks(store: ArtifactStore, result: ReconciliationResult) -> Iterator[PositionBreak]:
    report = RecReport.model_validate_json(store.get_bytes(result.report))
    if report.measure != "quantity":
        return
    table = store.get_table(result.breaks).filter(pl.col("status") != "RESOLVED")
    columns = ("instrument", "ours_measure", "theirs_measure")
    for instrument, ours, theirs in table.select(columns).iter_rows():
        if ours != theirs:
            yield PositionBreak(
                instrument_id=instrument or "",
                ours=plain(ours) if ours is not None else Decimal(0),
                theirs=plain(theirs) if theirs is not None else Decimal(0),
            )


def _refuse_other_currency(result: ReconciliationResult, base_currency: str) -> None:
    if result.base_currency != base_currency:
        raise DataError(
            f"{result.run_id} weighs its breaks in {result.base_currency} and the fund's NAV is in "
            f"{base_currency}; set `base_currency` of the rules to {base_currency}.",
            code="nav.reconciled-in-other-currency",
        )
