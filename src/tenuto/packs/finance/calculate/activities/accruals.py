"""Interest that bond positions have earned since their last coupon."""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

import polars as pl
from pydantic import ValidationError

from tenuto.activities.heartbeat import beat
from tenuto.artifacts.current import current_store
from tenuto.catalog import implements
from tenuto.core.errors import DataError
from tenuto.core.money import exact, round_to, total
from tenuto.packs.finance.calculate import catalog
from tenuto.packs.finance.calculate.models import (
    AccrualsRequest,
    AccrualsResult,
    BondPosition,
    CurrencyAmount,
)
from tenuto.packs.finance.math.day_count import CouponPeriod, accrued_fraction

_CHUNK = 5_000
_MOST_PROBLEMS = 100

Line = tuple[str, str, Decimal]
"""Instrument, currency, interest."""


@implements(catalog.accruals)
def accrue_interest(request: AccrualsRequest) -> AccrualsResult:
    """Nominal x pool factor x coupon rate x day-count fraction, each position rounded once.

    Raises DataError `calculate.not-accrued` naming every position whose coupon period does not
    hold the day, `calculate.bad-column` or `calculate.bad-row` for a table that holds no positions.
    """
    store = current_store()
    positions: Iterable[BondPosition] = request.positions
    if request.table is not None:
        positions = _positions(store.get_table(request.table))
    lines = _accrued(request, positions)
    schema = {
        "instrument_id": pl.String(),
        "currency": pl.String(),
        "accrued_interest": pl.Decimal(38, request.places),
    }
    frame = pl.DataFrame(lines, schema=schema, orient="row")
    return AccrualsResult(
        accrued=store.put_table(frame, name="accrued interest"), totals=_totals(lines)
    )


def _positions(frame: pl.DataFrame) -> Iterator[BondPosition]:
    unknown = sorted(set(frame.columns) - set(BondPosition.model_fields))
    floats = [name for name in frame.columns if frame[name].dtype.is_float()]
    if unknown or floats:
        found = f"`{unknown[0]}`, unknown here" if unknown else f"floats in `{floats[0]}`"
        raise DataError(
            f"The table of positions has {found}; expected columns of "
            f"{', '.join(BondPosition.model_fields)}, numbers as Decimal.",
            code="calculate.bad-column",
            details={"column": (unknown or floats)[0]},
        )
    for number, row in enumerate(frame.iter_rows(named=True), start=1):
        yield _position(number, row)


def _position(number: int, row: dict[str, Any]) -> BondPosition:
    given = {name: value for name, value in row.items() if value is not None}
    try:
        return BondPosition.model_validate(given)
    except ValidationError as exc:
        first = exc.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        raise DataError(
            f"Row {number} of the positions: {field}: {first['msg']}; correct the row.",
            code="calculate.bad-row",
            details={"row": number, "field": field},
        ) from exc


def _accrued(request: AccrualsRequest, positions: Iterable[BondPosition]) -> list[Line]:
    lines: list[Line] = []
    outside: list[str] = []
    for number, each in enumerate(positions):
        if number % _CHUNK == 0:
            beat(f"accrued {number} positions")
        if each.last_coupon_date <= request.on <= each.next_coupon_date:
            lines.append((each.instrument_id, each.currency, _interest(request, each)))
        else:
            outside.append(
                f"{each.instrument_id} ({each.last_coupon_date} to {each.next_coupon_date})"
            )
    if outside:
        more = f" and {len(outside) - 5} more" if len(outside) > 5 else ""
        raise DataError(
            f"{request.on} is outside the coupon period of {len(outside)} positions: "
            f"{', '.join(outside[:5])}{more}. Supply the coupon dates around it.",
            code="calculate.not-accrued",
            details={"count": len(outside), "positions": outside[:_MOST_PROBLEMS]},
        )
    return lines


def _interest(request: AccrualsRequest, position: BondPosition) -> Decimal:
    period = CouponPeriod(
        start=position.last_coupon_date,
        end=position.next_coupon_date,
        frequency=position.coupon_frequency,
        is_last=position.next_coupon_date == position.maturity,
    )
    years = accrued_fraction(position.day_count, period, request.on)
    nominal = exact(position.nominal) * exact(position.pool_factor)
    return round_to(nominal * exact(position.coupon_rate) * years, request.places, request.mode)


def _totals(lines: list[Line]) -> tuple[CurrencyAmount, ...]:
    by_currency: dict[str, list[Decimal]] = {}
    for _, currency, amount in lines:
        by_currency.setdefault(currency, []).append(amount)
    return tuple(
        CurrencyAmount(currency=currency, amount=total(amounts))
        for currency, amounts in sorted(by_currency.items())
    )
