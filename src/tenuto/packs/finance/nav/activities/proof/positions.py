"""Every position priced and valued again, in DuckDB, on whole numbers of 128 bits.

Decimals become integers times a power of ten, so nothing is rounded on the way: SQL would
multiply decimals into too few digits and divide them into floating point. An amount that does
not fit fails here as it failed before.
"""

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from decimal import Decimal

import duckdb
import polars as pl

from tenuto.core.errors import DataError
from tenuto.core.money import RoundingMode
from tenuto.packs.finance.nav.activities.book import held_positions
from tenuto.packs.finance.nav.activities.fixings import multipliers
from tenuto.packs.finance.nav.activities.opened import OpenStrike
from tenuto.packs.finance.nav.models import NavResult

SHOWN = 20
"""Differing positions that an error names."""


@dataclass(frozen=True, kw_only=True)
class ProvedPositions:
    """What the second engine found."""

    count: int
    by_currency: Mapping[str, tuple[int, int]]
    """Currency -> exact local value incl. accrued interest, as integer and decimals."""
    base_total: tuple[int, int]
    """Sum of the rounded base values, as integer and decimals."""


def prove_positions(opened: OpenStrike, result: NavResult) -> ProvedPositions:
    """The totals, if every price and every value agrees.

    Accrued interest, quantities and pool factors that a corporate action changed, and intrinsic
    values of rights are taken as struck. Raises
    DataError `nav.proof-failed` naming the positions that differ.
    """
    with ExitStack() as stack:
        connection = stack.enter_context(duckdb.connect())
        for table in ("positions", "prices"):
            _attach(stack, connection, opened, table)
        path = stack.enter_context(opened.store.local_path(result.positions))
        connection.execute("create table valued as from read_parquet(?)", [str(path)])
        _load_parameters(connection, opened)
        try:
            return _compared(connection, opened)
        except duckdb.OutOfRangeException as overflow:
            raise DataError(
                f"The proof needs more than 38 digits for a value: {overflow}; check the inputs "
                "for a misplaced decimal point.",
                code="money.too-many-digits",
            ) from overflow


def _attach(
    stack: ExitStack, connection: duckdb.DuckDBPyConnection, opened: OpenStrike, table: str
) -> None:
    dataset = getattr(opened.strike.inputs, table)
    if dataset is None:
        connection.execute(f"create table {table} (instrument_id text)")
        return
    path = stack.enter_context(opened.store.local_path(dataset))
    connection.execute(f"create table {table} as from read_parquet(?)", [str(path)])


def _load_parameters(connection: duckdb.DuckDBPyConnection, opened: OpenStrike) -> None:
    strike = opened.strike
    connection.execute("create table rates (currency text, multiplier text, divisor text)")
    for currency, multiplier, divisor in multipliers(
        strike.fx, strike.fund.base_currency
    ).iter_rows():
        connection.execute(
            "insert into rates values (?, ?, ?)", [currency, f"{multiplier:f}", f"{divisor:f}"]
        )
    connection.execute("create table touched (instrument_id text, pool decimal(38, 10))")
    for name, pool in _touched(opened):
        connection.execute("insert into touched values (?, ?)", [name, f"{pool:f}"])
    connection.execute("create table carried (instrument_id text)")
    for each in strike.carried:
        connection.execute("insert into carried values (?)", [each.instrument_id])


def _touched(opened: OpenStrike) -> list[tuple[str, Decimal]]:
    """Held instruments that a corporate action names, with the pool factor they are valued at."""
    actions = opened.table("corporate_actions")
    names = {*actions["instrument_id"], *actions["new_instrument_id"]} - {None}
    if not names:
        return []
    held = held_positions(opened).filter(pl.col("instrument_id").is_in(list(names)))
    columns = ("instrument_id", pl.col("pool_factor").fill_null(Decimal(1)))
    return list(held.select(columns).iter_rows())


def _compared(connection: duckdb.DuckDBPyConnection, opened: OpenStrike) -> ProvedPositions:
    rounding = opened.strike.fund.rounding
    places = rounding.position_places if rounding.level == "position" else 12
    connection.execute(_CHOSEN, [opened.strike.date])
    scales = dict(connection.execute(_SCALES).fetchall())
    local_scale = max(8, sum(scales[name] for name in ("q", "p", "f", "k")))
    shift = places + scales["d"] - (local_scale + scales["m"])
    connection.execute(
        _PROVED.format(
            **{name: 10**scale for name, scale in scales.items()},
            up_local=10 ** (local_scale - sum(scales[name] for name in ("q", "p", "f", "k"))),
            up_interest=10 ** (local_scale - 8),
            up=10 ** max(shift, 0),
            down=10 ** max(-shift, 0),
            correction=_CORRECTIONS[rounding.mode],
            places=places,
            base_unit=10**places,
        )
    )
    _refuse_differences(connection)
    count, base = _one(connection, "select count(*), coalesce(sum(base), 0) from proved")
    by_currency = connection.execute(
        "select currency, sum(whole) from proved group by currency order by currency"
    ).fetchall()
    return ProvedPositions(
        count=count,
        by_currency={currency: (int(amount), local_scale) for currency, amount in by_currency},
        base_total=(int(base), places),
    )


def _refuse_differences(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(_DIFFERING)
    differing, *_ = _one(connection, "select count(*) from differing")
    if not differing:
        return
    rows = connection.execute(
        "select instrument_id, struck_price, price, struck_base, base from differing "
        "order by instrument_id limit ?",
        [SHOWN],
    ).fetchall()
    shown = "; ".join(
        f"{name}: price {price}, value {value}, against price {again}"
        for name, price, again, value, _ in rows[:5]
    )
    raise DataError(
        f"Two engines disagree on {differing} position(s): {shown}. Nothing was released; this is "
        "a defect of the calculation, not of the data: report it with the run's inputs.",
        code="nav.proof-failed",
        details={
            "differing": differing,
            "positions": [[str(cell) for cell in row] for row in rows],
        },
    )


def _one(connection: duckdb.DuckDBPyConnection, query: str) -> tuple[int, ...]:
    row = connection.execute(query).fetchone()
    assert row is not None  # noqa: S101 (an aggregate has one row)
    return row


_CORRECTIONS = {
    RoundingMode.HALF_EVEN: "2 * rest > units or (2 * rest = units and part % 2 = 1)",
    RoundingMode.HALF_UP: "2 * rest >= units",
    RoundingMode.UP: "rest > 0",
    RoundingMode.DOWN: "false",
}

_CHOSEN = """
create table chosen as
with held as (
    select * from positions where instrument_id is not null and quantity <> 0
    qualify row_number() over (partition by instrument_id order by row) = 1
), latest as (
    select instrument_id, date, price, unit from prices where date <= ? and price > 0
    qualify row_number() over (partition by instrument_id order by date desc, row) = 1
)
select
    valued.instrument_id,
    valued.currency,
    valued.quantity as struck_quantity,
    valued.price as struck_price,
    valued.price_date as struck_date,
    valued.accrued_interest,
    valued.base_value as struck_base,
    touched.instrument_id is not null as is_touched,
    carried.instrument_id is not null as is_carried,
    case when is_touched then valued.quantity else held.quantity end as quantity,
    is_carried or (is_touched and latest.price is null) as is_given,
    case when is_given then valued.price else latest.price end as price,
    case when is_given then valued.price_date else latest.date end as price_date,
    case when is_carried or is_touched then valued.price_factor else coalesce(
        held.price_factor,
        case coalesce(latest.unit, held.price_unit, 'unit') when 'unit' then 1 else 0.01 end
    ) end as factor,
    case when is_touched then touched.pool else coalesce(held.pool_factor, 1) end as pool,
    rates.multiplier,
    rates.divisor
from valued
left join held using (instrument_id)
left join latest using (instrument_id)
left join touched using (instrument_id)
left join carried using (instrument_id)
left join rates on rates.currency = valued.currency
"""

_DECIMALS = "coalesce(max(length(rtrim(split_part(cast({} as varchar), '.', 2), '0'))), 0)"

_SCALES = " union all ".join(
    f"select '{name}', {_DECIMALS.format(column)} from chosen"  # noqa: S608 (names of ours)
    for name, column in {
        "q": "quantity",
        "p": "price",
        "f": "factor",
        "k": "pool",
        "m": "multiplier",
        "d": "divisor",
    }.items()
)

_PROVED = """
create table proved as
with whole_numbers as (
    select *,
        cast(cast(quantity as decimal(38, 8)) * {q} as hugeint) as q,
        cast(cast(price as decimal(38, 10)) * {p} as hugeint) as p,
        cast(cast(factor as decimal(38, 10)) * {f} as hugeint) as f,
        cast(cast(pool as decimal(38, 10)) * {k} as hugeint) as k,
        cast(cast(multiplier as decimal(38, 12)) * {m} as hugeint) as m,
        cast(cast(divisor as decimal(38, 12)) * {d} as hugeint) as d,
        cast(cast(accrued_interest as decimal(38, 8)) * 100000000 as hugeint)
            * {up_interest}::hugeint as interest
    from chosen
), added as (
    select *, q * p * f * k * {up_local}::hugeint as local, local + interest as whole
    from whole_numbers
), divided as (
    select *,
        abs(whole) * m * {up}::hugeint as dividend,
        d * {down}::hugeint as units,
        dividend // units as part,
        dividend % units as rest
    from added
)
select
    instrument_id, currency, price, struck_price, struck_base, whole,
    sign(whole)::hugeint * (part + case when {correction} then 1 else 0 end) as base,
    cast(cast(struck_base as decimal(38, {places})) * {base_unit} as hugeint) as struck,
    quantity, struck_quantity, price_date, struck_date
from divided
"""

_DIFFERING = """
create view differing as from proved where
    base is distinct from struck
    or price is distinct from struck_price
    or price_date is distinct from struck_date
    or quantity is distinct from struck_quantity
"""
