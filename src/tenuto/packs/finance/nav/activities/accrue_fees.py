"""Step 5: fees and expenses since the prior NAV."""

from collections.abc import Iterator
from decimal import Decimal

from tenuto.catalog import implements
from tenuto.core.money import difference, exact, multiply, round_to, total
from tenuto.packs.finance.math.classes import ClassOpening, share_result
from tenuto.packs.finance.math.fees import FeeBroughtForward, FeePeriod, accrue
from tenuto.packs.finance.models import Fee
from tenuto.packs.finance.nav import catalog
from tenuto.packs.finance.nav.activities.deals import opening_units
from tenuto.packs.finance.nav.activities.digits import plain
from tenuto.packs.finance.nav.activities.fixings import base_per_local, rate_of
from tenuto.packs.finance.nav.activities.opened import OpenStrike, open_strike
from tenuto.packs.finance.nav.activities.performance_fees import FeeKey, performance_fees
from tenuto.packs.finance.nav.handoffs import AccruedFees, AccrueFeesRequest, ClassGross
from tenuto.packs.finance.nav.parts import Accrual


@implements(catalog.accrue_fees)
def accrue_fees(request: AccrueFeesRequest) -> AccruedFees:
    """Fund fees on the fund's assets, then each class's fees on its part of what is left.

    A fee that is no longer defined but still owed is carried on, without accruing.
    """
    opened = open_strike(request.strike)
    brought_forward = _brought_forward(opened)
    owed = total(difference(each.total, each.paid) for each in brought_forward.values())
    gav = total([request.positions.value, request.balances.value])
    assets = difference(gav, owed)
    of_fund = [
        _accrue(opened, brought_forward, fee, None, assets) for fee in opened.strike.fund.fees
    ]
    left = difference(assets, *(each.amount for each in of_fund))
    shares = _shares(opened, request, left)
    of_classes = [
        _accrue(opened, brought_forward, fee, share.class_id, share.gross)
        for share in shares
        for fee in _class_fees(opened, share.class_id)
    ]
    charged = performance_fees(opened, request, shares, of_classes, brought_forward)
    accruals = [*of_fund, *of_classes, *(accrual for accrual, _ in charged)]
    accruals += _no_longer_defined(opened, accruals, brought_forward)
    return AccruedFees(
        accruals=tuple(accruals),
        liabilities=total(each.total for each in accruals),
        shares=shares,
        performance_fees=tuple(state for _, state in charged),
    )


def _brought_forward(opened: OpenStrike) -> dict[FeeKey, FeeBroughtForward]:
    """What is owed from the prior NAV and was paid since, for every fee that has either."""
    prior = opened.prior
    earlier = {(each.class_id, each.fee_id): each for each in prior.accruals} if prior else {}
    paid = paid_fees(opened)
    return {
        key: FeeBroughtForward(
            total=earlier[key].total if key in earlier else Decimal(0),
            year_to_date=earlier[key].year_to_date if key in earlier else Decimal(0),
            paid=paid.get(key, Decimal(0)),
        )
        for key in sorted(earlier.keys() | paid.keys(), key=str)
    }


def paid_fees(opened: OpenStrike) -> dict[FeeKey, Decimal]:
    """Paid since the prior NAV, by fee; before a first strike nothing was owed."""
    if opened.prior is None:
        return {}
    columns = ("class_id", "fee_id", "date", "amount")
    paid: dict[FeeKey, Decimal] = {}
    for class_id, fee_id, day, amount in opened.table("fee_payments").select(columns).iter_rows():
        if not opened.prior.date < day <= opened.strike.date:
            continue
        key = (class_id, fee_id)
        paid[key] = total([paid.get(key, Decimal(0)), plain(amount)])
    return paid


def _accrue(
    opened: OpenStrike,
    brought_forward: dict[FeeKey, FeeBroughtForward],
    fee: Fee,
    class_id: str | None,
    assets: Decimal,
) -> Accrual:
    strike, prior = opened.strike, opened.prior
    return accrue(
        fee,
        assets=assets,
        period=FeePeriod(after=prior.date if prior else strike.date, through=strike.date),
        brought_forward=brought_forward.get((class_id, fee.fee_id), FeeBroughtForward()),
        places=strike.fund.rounding.nav_places,
        mode=strike.fund.rounding.mode,
        class_id=class_id,
    )


def _shares(
    opened: OpenStrike, request: AccrueFeesRequest, assets: Decimal
) -> tuple[ClassGross, ...]:
    """Each class's part of the assets; a class without units and assets has none."""
    openings = [
        each for each in _openings(opened, request) if each.nav or each.capital or each.own_result
    ]
    places = opened.strike.fund.rounding.nav_places
    return tuple(
        ClassGross(class_id=each.class_id, weight=each.weight, gross=each.gross)
        for each in share_result(openings, assets=assets, places=places)
    )


def _openings(opened: OpenStrike, request: AccrueFeesRequest) -> Iterator[ClassOpening]:
    strike, prior = opened.strike, opened.prior
    rates = base_per_local(strike.fx, strike.fund.base_currency)
    navs = {each.class_id: each.nav_base for each in prior.classes} if prior else {}
    units = opening_units(opened)
    launched = {each.class_id: each for each in strike.fund.classes}
    rounding = strike.fund.rounding
    hedged = {each.class_id: each.result for each in request.balances.hedges}
    for capital in request.balances.capital:
        share_class = launched[capital.class_id]
        nav = navs.get(capital.class_id, Decimal(0))
        if prior is None:
            at_launch = multiply(units[capital.class_id], share_class.launch_price)
            in_base = exact(at_launch) * rate_of(rates, share_class.currency)
            nav = round_to(in_base, rounding.nav_places, rounding.mode)
        yield ClassOpening(
            class_id=capital.class_id,
            nav=nav,
            capital=capital.amount,
            own_result=hedged.get(capital.class_id, Decimal(0)),
        )


def _class_fees(opened: OpenStrike, class_id: str) -> tuple[Fee, ...]:
    return next(each.fees for each in opened.strike.fund.classes if each.class_id == class_id)


def _no_longer_defined(
    opened: OpenStrike,
    accruals: list[Accrual],
    brought_forward: dict[FeeKey, FeeBroughtForward],
) -> Iterator[Accrual]:
    if opened.prior is None:
        return
    known = {(each.class_id, each.fee_id) for each in accruals}
    for earlier in opened.prior.accruals:
        key = (earlier.class_id, earlier.fee_id)
        paid = brought_forward[key].paid
        left = difference(earlier.total, paid)
        if key not in known and left:
            yield earlier.model_copy(
                update={
                    "days": (opened.strike.date - opened.prior.date).days,
                    "base": Decimal(0),
                    "amount": Decimal(0),
                    "prior_total": earlier.total,
                    "paid": paid,
                    "total": left,
                    "cap_applied": False,
                    "floor_applied": False,
                }
            )
