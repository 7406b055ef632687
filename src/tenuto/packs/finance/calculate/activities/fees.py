"""Fees of one period."""

from tenuto.activities.heartbeat import beat
from tenuto.catalog import implements
from tenuto.core.money import total
from tenuto.packs.finance.calculate import catalog
from tenuto.packs.finance.calculate.models import FeesRequest, FeesResult
from tenuto.packs.finance.math.fees import FeeBroughtForward, FeePeriod, accrue


@implements(catalog.fees)
def accrue_fees(request: FeesRequest) -> FeesResult:
    """Each fee's accrual on `assets`, rounded once each.

    Raises DataError `nav.period-reversed` and `nav.negative`.
    """
    beat(f"accruing {len(request.fees)} fees")
    known = {
        each.fee_id: FeeBroughtForward(
            total=each.total, year_to_date=each.year_to_date, paid=each.paid
        )
        for each in request.brought_forward
    }
    accruals = tuple(
        accrue(
            fee,
            assets=request.assets,
            period=FeePeriod(after=request.after, through=request.through),
            brought_forward=known.get(fee.fee_id, FeeBroughtForward()),
            places=request.places,
            mode=request.mode,
        )
        for fee in request.fees
    )
    return FeesResult(
        accruals=accruals,
        amount=total(each.amount for each in accruals),
        liabilities=total(each.total for each in accruals),
    )
