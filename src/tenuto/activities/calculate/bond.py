"""Prices, yields, and sensitivities of bonds and bills."""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from fractions import Fraction
from typing import Any

import polars as pl
from pydantic import ValidationError

from tenuto.activities.calculate.math import bill as bills
from tenuto.activities.calculate.math.floats import rounded
from tenuto.activities.heartbeat import beat
from tenuto.artifacts.current import current_store
from tenuto.catalog import implements
from tenuto.catalog.library.calculate import bonds as entry
from tenuto.catalog.library.calculate.bonds import BondRequest, BondResult, BondTerms, BondValue
from tenuto.core.errors import DataError
from tenuto.core.money import RoundingMode, exact, round_to, total
from tenuto.core.references import Dataset

PRICE_PLACES = 8
RATE_PLACES = 10
_CHUNK = 500
_MOST_PROBLEMS = 100

_PRICE = pl.Decimal(38, PRICE_PLACES)
_RATE = pl.Decimal(38, RATE_PLACES)
_SCHEMA: dict[str, pl.DataType] = {
    "bond_id": pl.String(),
    "settlement": pl.Date(),
    "clean_price": _PRICE,
    "accrued_interest": _PRICE,
    "dirty_price": _PRICE,
    "yield_rate": _RATE,
    "discount_rate": _RATE,
    "macaulay_duration": _RATE,
    "modified_duration": _RATE,
    "convexity": _RATE,
    "dv01": _RATE,
}


@implements(entry.bond)
def price_bonds(request: BondRequest) -> BondResult:
    """Every bond, priced; those that cannot be are named together in one error.

    Raises DataError as `price_one` does for a single bad bond, `calculate.bonds-not-priced` for
    several, and `calculate.bad-column` or `calculate.bad-row` for a table that holds no bonds.
    """
    if request.table is None:
        return BondResult(bonds=tuple(_all_priced(request.bonds)), table=None)
    store = current_store()
    terms = _terms(store.get_table(request.table), request.table)
    rows = [dict(value) for value in _all_priced(terms)]
    frame = pl.DataFrame(rows, schema=_SCHEMA, orient="row")
    return BondResult(bonds=(), table=store.put_table(frame, name="priced bonds"))


def price_one(terms: BondTerms) -> BondValue:
    """One bond. Raises DataError `calculate.bond-dates` and `calculate.bond-not-priced`."""
    return _priced_bill(terms) if terms.convention == "us-bill" else _priced_bond(terms)


def _terms(frame: pl.DataFrame, table: Dataset) -> Iterator[BondTerms]:
    unknown = sorted(set(frame.columns) - set(BondTerms.model_fields))
    floats = [name for name in frame.columns if frame[name].dtype.is_float()]
    if unknown or floats:
        raise DataError(
            f"Table `{table.name}` has "
            + (f"`{unknown[0]}`, which no bond has" if unknown else f"floats in `{floats[0]}`")
            + f"; expected columns of {', '.join(BondTerms.model_fields)}, numbers as Decimal.",
            code="calculate.bad-column",
            details={"table": table.name, "column": (unknown or floats)[0]},
        )
    for number, row in enumerate(frame.iter_rows(named=True), start=1):
        yield _term(number, row)


def _term(number: int, row: dict[str, Any]) -> BondTerms:
    given = {name: value for name, value in row.items() if value is not None}
    try:
        return BondTerms.model_validate(given)
    except ValidationError as exc:
        first = exc.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "row"
        raise DataError(
            f"Row {number} of the bonds: {where}: {first['msg']}; correct the row.",
            code="calculate.bad-row",
            details={"row": number, "field": where},
        ) from exc


def _all_priced(terms: Iterable[BondTerms]) -> list[BondValue]:
    priced: list[BondValue] = []
    problems: list[DataError] = []
    for number, each in enumerate(terms):
        if number % _CHUNK == 0:
            beat(f"priced {number} bonds")
        try:
            priced.append(price_one(each))
        except DataError as wrong:
            problems.append(wrong)
    if len(problems) == 1:
        raise problems[0]
    if problems:
        more = f" and {len(problems) - 3} more" if len(problems) > 3 else ""
        raise DataError(
            f"{len(problems)} of {len(priced) + len(problems)} bonds cannot be priced: "
            f"{' '.join(each.message for each in problems[:3])}{more}",
            code="calculate.bonds-not-priced",
            details={
                "count": len(problems),
                "problems": [each.message for each in problems[:_MOST_PROBLEMS]],
            },
        )
    return priced


def _priced_bond(terms: BondTerms) -> BondValue:
    # QuantLib takes as much memory as polars: only a worker that prices a bond loads it.
    from tenuto.activities.calculate.math.coupon_bond import price_bond

    figures = price_bond(terms)
    accrued = rounded(figures.accrued_interest, PRICE_PLACES)
    if terms.clean_price is None:
        clean = rounded(figures.dirty_price - figures.accrued_interest, PRICE_PLACES)
        rate = terms.yield_rate
    else:
        clean, rate = terms.clean_price, None
    return BondValue(
        bond_id=terms.bond_id,
        settlement=terms.settlement,
        clean_price=clean,
        accrued_interest=accrued,
        dirty_price=total([clean, accrued]),
        yield_rate=rate if rate is not None else rounded(figures.yield_rate, RATE_PLACES),
        discount_rate=None,
        macaulay_duration=rounded(figures.macaulay_duration, RATE_PLACES),
        modified_duration=rounded(figures.modified_duration, RATE_PLACES),
        convexity=rounded(figures.convexity, RATE_PLACES),
        dv01=rounded(figures.modified_duration * figures.dirty_price / 10_000, RATE_PLACES),
    )


def _priced_bill(terms: BondTerms) -> BondValue:
    bill = bills.Bill(terms.settlement, terms.maturity)
    if not 0 < bill.days <= bill.year:
        raise DataError(
            f"Bill {terms.bond_id}: {terms.settlement} to {terms.maturity} is {bill.days} days; a "
            "bill has between one day and one year to go.",
            code="calculate.bond-dates",
            details={"bond_id": terms.bond_id},
        )
    price = _bill_price(bill, terms)
    rate = bills.investment_rate(bill, price)
    if terms.yield_rate is not None:
        rate = terms.yield_rate
    modified = bills.modified_duration(bill, rate)
    clean = _exact_rounded(price, PRICE_PLACES)
    return BondValue(
        bond_id=terms.bond_id,
        settlement=terms.settlement,
        clean_price=clean,
        accrued_interest=_exact_rounded(Fraction(0), PRICE_PLACES),
        dirty_price=clean,
        yield_rate=_exact_rounded(exact(rate), RATE_PLACES),
        discount_rate=_exact_rounded(bills.discount_from_price(bill, price), RATE_PLACES),
        macaulay_duration=_exact_rounded(Fraction(bill.days, bill.year), RATE_PLACES),
        modified_duration=_exact_rounded(modified, RATE_PLACES),
        convexity=_exact_rounded(bills.convexity(bill, rate), RATE_PLACES),
        dv01=_exact_rounded(modified * price / 10_000, RATE_PLACES),
    )


def _bill_price(bill: bills.Bill, terms: BondTerms) -> Fraction:
    if terms.clean_price is not None:
        return exact(terms.clean_price)
    if terms.discount_rate is not None:
        return bills.price_from_discount(bill, terms.discount_rate)
    return bills.price_from_investment_rate(bill, terms.yield_rate or Decimal(0))


def _exact_rounded(value: Fraction, places: int) -> Decimal:
    return round_to(value, places, RoundingMode.HALF_EVEN)
