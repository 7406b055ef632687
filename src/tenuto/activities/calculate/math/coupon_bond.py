"""Fixed coupon bonds through QuantLib, by market convention.

Payments are unadjusted for holidays, as the published price formulas have them: 31 CFR 356
appendix B section II, the UK DMO's "Formulae for Calculating Gilt Prices from Yields", the ICMA's
rule 251. Numbers are floats inside; QuantLib's published cases come out within 1e-6 per 100.
"""

import math
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

import QuantLib as ql  # type: ignore[import-untyped]  # noqa: N813 (its own short name)

from tenuto.activities.calculate.math.quantlib_dates import is_representable, to_quantlib
from tenuto.catalog.library.calculate.bonds import BondTerms
from tenuto.core.errors import DataError

_FACE = 100.0
_ACCURACY = 1e-12
_MOST_STEPS = 200
_HIGHEST_YIELD = 1000.0
_UNADJUSTED = ql.NullCalendar()


_Basis = tuple[Any, int, int]
"""Day counter, compounding, frequency."""


@dataclass(frozen=True)
class _Convention:
    frequency: int
    compounding: int
    is_thirty_360: bool = False
    keeps_month_end: bool = True
    ex_dividend_days: int = 0
    """Business days before a coupon from which it belongs to the seller."""


# On the DMO's ex-dividend date, seven business days before the coupon, a gilt still settles with
# it: the sixth business day before is the first without.
_CONVENTIONS = {
    "us-street": _Convention(ql.Semiannual, ql.Compounded),
    "us-treasury": _Convention(ql.Semiannual, ql.SimpleThenCompounded),
    "us-corporate": _Convention(ql.Semiannual, ql.Compounded, is_thirty_360=True),
    "uk-gilt": _Convention(ql.Semiannual, ql.Compounded, ex_dividend_days=6),
    "icma-annual": _Convention(ql.Annual, ql.Compounded, keeps_month_end=False),
}


class Figures(NamedTuple):
    """Per 100 nominal, as `BondValue` describes them."""

    dirty_price: float
    accrued_interest: float
    yield_rate: float
    macaulay_duration: float
    modified_duration: float
    convexity: float


def price_bond(terms: BondTerms) -> Figures:
    """The figures of a coupon bond.

    Raises DataError `calculate.bond-not-priced` for what QuantLib refuses.
    """
    _refuse_bad_dates(terms)
    try:
        figures = _priced(terms, _CONVENTIONS[terms.convention])
    except RuntimeError as exc:  # the only thing that QuantLib raises
        raise _not_priced(terms, str(exc)) from exc
    if not all(math.isfinite(figure) for figure in figures):
        raise _not_priced(terms, f"a yield of {figures.yield_rate} leaves nothing to discount")
    return figures


def _priced(terms: BondTerms, convention: _Convention) -> Figures:
    settlement = to_quantlib(terms.settlement)
    day_count, bond = _built(terms, convention)
    accrued = ql.BondFunctions.accruedAmount(bond, settlement)
    discounted = _with_compounding_date(bond, terms, convention)
    basis = (day_count, convention.compounding, convention.frequency)
    if terms.clean_price is not None:
        dirty = float(terms.clean_price) + accrued
        rate = _yield(discounted, dirty, basis, settlement, _guess(terms, terms.clean_price))
    else:
        rate = float(terms.yield_rate or 0)
        dirty = _dirty_price(discounted, rate, basis, settlement)
    modified = ql.BondFunctions.duration(discounted, rate, *basis, ql.Duration.Modified, settlement)
    return Figures(
        dirty_price=dirty,
        accrued_interest=accrued,
        yield_rate=rate,
        macaulay_duration=modified * (1 + rate / convention.frequency),
        modified_duration=modified,
        convexity=ql.BondFunctions.convexity(discounted, rate, *basis, settlement),
    )


def _built(terms: BondTerms, convention: _Convention) -> tuple[ql.DayCounter, ql.FixedRateBond]:
    schedule = _schedule(terms, convention)
    day_count = _day_count(terms, convention, schedule)
    bond = ql.FixedRateBond(
        0,
        _FACE,
        schedule,
        [float(terms.coupon_rate)],
        day_count,
        ql.Unadjusted,
        _FACE,
        schedule[0],
        _UNADJUSTED,
        ql.Period(convention.ex_dividend_days, ql.Days),
        ql.UnitedKingdom() if convention.ex_dividend_days else _UNADJUSTED,
        ql.Unadjusted,
        False,
    )
    return day_count, bond


def _dirty_price(bond: ql.Bond, rate: float, basis: _Basis, settlement: ql.Date) -> float:
    clean = ql.BondFunctions.cleanPrice(bond, rate, *basis, settlement)
    return float(clean + ql.BondFunctions.accruedAmount(bond, settlement))


def _yield(bond: ql.Bond, dirty: float, basis: _Basis, settlement: ql.Date, guess: float) -> float:
    """The yield at which `bond` is worth `dirty`.

    QuantLib's solver runs away from a bond that is repaid within weeks far from its price; there
    every yield that leaves something to discount is searched.
    """
    price = ql.BondPrice(dirty, ql.BondPrice.Dirty)
    limits = (_ACCURACY, _MOST_STEPS, guess)
    try:
        return float(ql.BondFunctions.bondYield(bond, price, *basis, settlement, *limits))
    except RuntimeError:
        return _searched_yield(bond, dirty, basis, settlement)


def _searched_yield(bond: ql.Bond, dirty: float, basis: _Basis, settlement: ql.Date) -> float:
    frequency = basis[-1]
    solver = ql.Brent()
    solver.setMaxEvaluations(_MOST_STEPS)
    return float(
        solver.solve(
            lambda rate: _dirty_price(bond, rate, basis, settlement) - dirty,
            _ACCURACY,
            0.0,
            -0.999 * frequency,
            _HIGHEST_YIELD,
        )
    )


def _guess(terms: BondTerms, clean_price: Decimal) -> float:
    """The coupon and the yearly gain to par, over what is invested: a start for the search."""
    years = max((terms.maturity - terms.settlement).days / 365, 1.0)
    price = float(clean_price)
    income = float(terms.coupon_rate) * _FACE + (_FACE - price) / years
    return income / ((_FACE + price) / 2) or 0.01


def _schedule(terms: BondTerms, convention: _Convention) -> ql.Schedule:
    """Coupon dates back from maturity; without `dated`, from a whole period before settlement."""
    months = 12 // convention.frequency
    maturity = to_quantlib(terms.maturity)
    if terms.dated is not None:
        start = to_quantlib(terms.dated)
    else:
        apart = (terms.maturity.year - terms.settlement.year) * 12
        apart += terms.maturity.month - terms.settlement.month
        start = maturity - ql.Period((apart // months + 2) * months, ql.Months)
    return ql.Schedule(
        start,
        maturity,
        ql.Period(convention.frequency),
        _UNADJUSTED,
        ql.Unadjusted,
        ql.Unadjusted,
        ql.DateGeneration.Backward,
        convention.keeps_month_end,
        to_quantlib(terms.first_coupon) if terms.first_coupon else ql.Date(),
    )


def _day_count(terms: BondTerms, convention: _Convention, schedule: ql.Schedule) -> ql.DayCounter:
    """With the schedule only for an odd first period: it takes more than twice the time."""
    if convention.is_thirty_360:
        return ql.Thirty360(ql.Thirty360.BondBasis)
    if terms.dated is None:
        return ql.ActualActual(ql.ActualActual.ISMA)
    return ql.ActualActual(ql.ActualActual.ISMA, schedule)


def _with_compounding_date(
    bond: ql.FixedRateBond, terms: BondTerms, convention: _Convention
) -> ql.Bond:
    """`bond`, and in a long first period a payment of nothing where a coupon would have been.

    The Treasury compounds there (appendix B, II.C); left alone, QuantLib would take all of a
    long period at once.
    """
    if convention.compounding != ql.SimpleThenCompounded or not terms.first_coupon:
        return bond
    period = ql.Period(convention.frequency)
    first, start = to_quantlib(terms.first_coupon), bond.startDate()
    regular = ql.Schedule(
        first - period - period,
        to_quantlib(terms.maturity),
        period,
        _UNADJUSTED,
        ql.Unadjusted,
        ql.Unadjusted,
        ql.DateGeneration.Backward,
        convention.keeps_month_end,
    )
    before = [day for day in regular if day < first]
    if len(before) < 2 or before[-1] <= start:
        return bond
    nothing = ql.FixedRateCoupon(
        before[-1],
        _FACE,
        0.0,
        ql.ActualActual(ql.ActualActual.ISMA),
        start,
        before[-1],
        before[-2],
        before[-1],
    )
    return ql.Bond(0, _UNADJUSTED, start, [nothing, *bond.cashflows()[:-1]])


def _not_priced(terms: BondTerms, why: str) -> DataError:
    return DataError(
        f"Bond {terms.bond_id} cannot be priced: {why}. Check its dates, coupon, and the price or "
        "yield: a rate is a yearly fraction, so 5 % is 0.05.",
        code="calculate.bond-not-priced",
        details={"bond_id": terms.bond_id},
    )


def _refuse_bad_dates(terms: BondTerms) -> None:
    problem = _date_problem(terms)
    if problem:
        raise DataError(
            f"Bond {terms.bond_id}: {problem}.",
            code="calculate.bond-dates",
            details={"bond_id": terms.bond_id},
        )


def _date_problem(terms: BondTerms) -> str | None:
    named: dict[str, date | None] = {
        "settlement": terms.settlement,
        "maturity": terms.maturity,
        "dated": terms.dated,
    }
    for name, day in named.items():
        if day is not None and not is_representable(day):
            return f"{name} {day} is outside of 1902 to 2198; check the year"
    if terms.settlement >= terms.maturity:
        return (
            f"settlement {terms.settlement} is not before maturity {terms.maturity}; a bond that "
            "is repaid has no price"
        )
    if terms.dated is not None and terms.settlement < terms.dated:
        return f"settlement {terms.settlement} is before interest starts on {terms.dated}"
    if terms.first_coupon is not None and not (
        (terms.dated or terms.settlement) < terms.first_coupon <= terms.maturity
    ):
        return f"first coupon {terms.first_coupon} is not between its start and maturity"
    return None
