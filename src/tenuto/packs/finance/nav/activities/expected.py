"""The expected NAV of a strike, from its prior NAV and what is known of the time since."""

from collections import defaultdict
from decimal import Decimal
from fractions import Fraction

from tenuto.core.money import RoundingMode, exact, round_to, total
from tenuto.packs.finance.math.classes import EXACT_PLACES
from tenuto.packs.finance.math.expected_nav import (
    CurrencyOutlook,
    before_fees,
    changed,
    class_share,
    compared,
    relative,
    rounded,
)
from tenuto.packs.finance.math.fees import FeeBroughtForward, FeePeriod, accrue
from tenuto.packs.finance.models import Fee, ShareClass
from tenuto.packs.finance.nav.activities.deals import ClassFlow, class_flows, opening_units
from tenuto.packs.finance.nav.activities.fixings import base_per_local, rate_of
from tenuto.packs.finance.nav.activities.hedges import class_hedges, hedge_results
from tenuto.packs.finance.nav.activities.opened import OpenStrike
from tenuto.packs.finance.nav.activities.outlook import outlook
from tenuto.packs.finance.nav.activities.performance_fees import performance_charge
from tenuto.packs.finance.nav.activities.value_positions import local_totals
from tenuto.packs.finance.nav.handoffs import CheckTolerancesRequest
from tenuto.packs.finance.nav.models import NavResult
from tenuto.packs.finance.nav.parts import ClassNav, ExpectedClass, ExpectedNav

Rates = dict[str, Fraction]


def expect_nav(opened: OpenStrike, request: CheckTolerancesRequest) -> ExpectedNav | None:
    """The expected NAV beside the struck one; None without a prior NAV.

    Fees are those that the expected assets would bear.
    """
    prior, movement = opened.prior, request.movement
    if prior is None or movement is None:
        return None
    base = opened.strike.fund.base_currency
    rates = base_per_local(opened.strike.fx, base)
    prior_rates = base_per_local(prior.fx, base)
    rates = prior_rates | rates
    flows = list(class_flows(opened))
    capital = {each.class_id: exact(each.amount) * rate_of(rates, each.currency) for each in flows}
    found = outlook(opened, prior)
    causes = before_fees(
        _by_currency(opened, prior, rates, prior_rates, found.gains, found.income),
        capital=sum(capital.values(), Fraction(0)),
    )
    assets = exact(prior.nav) + causes.together
    fees, navs = _classes(opened, prior, flows, capital, assets, rates)
    expected = rounded(causes, fees=fees, places=opened.strike.fund.rounding.nav_places)
    return ExpectedNav(
        nav=changed(prior.nav, expected),
        causes=expected,
        difference=compared(movement, expected),
        classes=tuple(
            _compared_class(each, navs[each.class_id], rate_of(rates, each.currency))
            for each in request.classes
            if navs.get(each.class_id)
        ),
        estimated=tuple(sorted(set(found.estimated))),
    )


def _by_currency(
    opened: OpenStrike,
    prior: NavResult,
    rates: Rates,
    prior_rates: Rates,
    gains: dict[str, Fraction],
    income: dict[str, Fraction],
) -> list[CurrencyOutlook]:
    opening: Rates = defaultdict(Fraction)
    for currency, amount in local_totals(opened.prior_positions).items():
        opening[currency] += exact(amount)
    for balance in prior.balances:
        if balance.kind != "fee":
            opening[balance.currency] += exact(balance.amount)
    hedged: Rates = defaultdict(Fraction)
    for currency, amount in hedge_results(opened):
        hedged[currency] += exact(amount)
    zero = Fraction(0)
    return [
        CurrencyOutlook(
            prior_rate=prior_rates.get(currency, rate_of(rates, currency)),
            rate=rate_of(rates, currency),
            opening=opening.get(currency, zero),
            gains=gains.get(currency, zero),
            income=income.get(currency, zero),
            hedges=hedged.get(currency, zero),
        )
        for currency in sorted({*opening, *gains, *income, *hedged})
    ]


def _classes(
    opened: OpenStrike,
    prior: NavResult,
    flows: list[ClassFlow],
    capital: Rates,
    assets: Fraction,
    rates: Rates,
) -> tuple[Decimal, dict[str, Fraction]]:
    """All fees that should accrue, and each class's expected NAV in base currency."""
    fund = opened.strike.fund
    fund_fees = [_fee(opened, prior, fee, None, assets) for fee in fund.fees]
    left = assets - sum((exact(each) for each in fund_fees), Fraction(0))
    before = {each.class_id: exact(each.nav_base) for each in prior.classes}
    hedged = {each.class_id: exact(each.result) for each in class_hedges(opened, rates)}
    names = [each.class_id for each in flows]
    starts = [before.get(name, Fraction(0)) + capital[name] for name in names]
    own = [hedged.get(name, Fraction(0)) for name in names]
    charged = list(fund_fees)
    navs: dict[str, Fraction] = {}
    by_id = {each.class_id: each for each in fund.classes}
    for flow, gross in zip(flows, class_share(starts, own, left), strict=True):
        fees = _class_fees(opened, prior, by_id[flow.class_id], flow, gross)
        charged += fees
        navs[flow.class_id] = gross - exact(total(fees))
    return total(charged), navs


def _class_fees(
    opened: OpenStrike, prior: NavResult, share_class: ShareClass, flow: ClassFlow, gross: Fraction
) -> list[Decimal]:
    if gross <= 0:
        return []
    name = share_class.class_id
    fees = [_fee(opened, prior, fee, name, gross) for fee in share_class.fees]
    units = total([opening_units(opened)[name], flow.subscribed_units]) - flow.redeemed_units
    if share_class.performance_fee is not None and units > 0:
        left = _amount(opened, gross - exact(total(fees)))
        made = performance_charge(opened, share_class, share_class.performance_fee, flow, left)
        fees.append(made.amount)
    return fees


def _fee(
    opened: OpenStrike, prior: NavResult, fee: Fee, class_id: str | None, assets: Fraction
) -> Decimal:
    """What one fee should accrue on the expected assets."""
    rounding = opened.strike.fund.rounding
    before = next(
        (e for e in prior.accruals if (e.class_id, e.fee_id) == (class_id, fee.fee_id)), None
    )
    accrual = accrue(
        fee,
        assets=_amount(opened, max(assets, Fraction(0))),
        period=FeePeriod(after=prior.date, through=opened.strike.date),
        brought_forward=FeeBroughtForward(
            total=before.total if before else Decimal(0),
            year_to_date=before.year_to_date if before else Decimal(0),
        ),
        places=rounding.nav_places,
        mode=rounding.mode,
        class_id=class_id,
    )
    return accrual.amount


def _amount(opened: OpenStrike, value: Fraction) -> Decimal:
    rounding = opened.strike.fund.rounding
    return round_to(value, rounding.nav_places, rounding.mode)


def _compared_class(class_nav: ClassNav, nav_base: Fraction, rate: Fraction) -> ExpectedClass:
    per_unit = nav_base / rate / exact(class_nav.units)
    struck = exact(class_nav.nav_base) / rate / exact(class_nav.units)
    return ExpectedClass(
        class_id=class_nav.class_id,
        nav_per_unit=round_to(per_unit, EXACT_PLACES, RoundingMode.HALF_EVEN),
        difference=relative(struck, per_unit),
    )
