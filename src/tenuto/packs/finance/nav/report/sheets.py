"""What stands on each sheet of the workbook: the NAV result, whole."""

from collections.abc import Iterator, Sequence

import polars as pl

from tenuto.activities.documents.figures import moment, places_of
from tenuto.activities.documents.frames import Head, frame_sheets
from tenuto.activities.documents.workbook import (
    DIGITS,
    Cell,
    Column,
    Sheet,
    SheetChart,
    sheet,
)
from tenuto.packs.finance.nav.models import NavResult
from tenuto.packs.finance.nav.parts import Check, ClassNav, Return
from tenuto.packs.finance.nav.report.event_sheets import event_sheets, exposure_sheet
from tenuto.packs.finance.nav.report.sections.movement import causes_of


def sheets(result: NavResult, result_sha256: str, positions: pl.DataFrame) -> Iterator[Sheet]:
    """All sheets, in order. `positions` is the table behind `result.positions`."""
    yield _summary(result, result_sha256)
    yield _classes(result)
    yield from _positions(result, positions)
    yield exposure_sheet(result, positions)
    yield _balances(result)
    yield _fees(result)
    yield _fx(result)
    yield _checks(result)
    yield _movement(result)
    yield from event_sheets(result)
    yield _carried_prices(result)
    yield _inputs(result, result_sha256)


def _summary(result: NavResult, result_sha256: str) -> Sheet:
    base = result.base_currency
    rows: list[Sequence[Cell]] = [
        ("Fund", result.fund_name),
        ("Fund id", result.fund_id),
        ("Valuation date", result.date),
        ("NAV type", result.nav_type),
        ("Strike", result.strike),
        ("Status", result.status.upper()),
        ("Base currency", base),
        ("Prior NAV", result.prior_date or "none: first strike"),
        (f"Positions, {base}", result.positions_value),
        (f"Gross asset value, {base}", result.gav),
        (f"Accrued fees, {base}", result.liabilities),
        (f"Net asset value, {base}", result.nav),
        (
            "Benchmark level",
            "none given" if result.benchmark_level is None else result.benchmark_level,
        ),
        *_accepted(result),
        ("NAV id", result.nav_id),
        ("NAV result, SHA-256", result_sha256),
        ("Struck by", f"Tenuto {result.code_version}"),
        (
            "Digits",
            (
                f"A spreadsheet number keeps {DIGITS} digits. Where a value has more, a column "
                "marked (exact) to the right of the table has them all, as text."
            ),
        ),
    ]
    return sheet("Summary", [Column(head="What", width=26), Column(head="Value", width=70)], rows)


def _accepted(result: NavResult) -> Iterator[Sequence[Cell]]:
    given = result.acceptance
    if given is not None:
        yield "Accepted by", given.by
        yield "Accepted at", moment(given.at)
        yield "Accepted result, SHA-256", given.result_sha256
        yield "Comment", given.comment or None


_RETURNS = {
    "daily": "Day",
    "month_to_date": "Month to date",
    "year_to_date": "Year to date",
    "since_inception": "Since launch",
}


def _classes(result: NavResult) -> Sheet:
    base = result.base_currency
    places = places_of(result.nav)
    columns = [
        Column(head="Class"),
        Column(head="Name", width=40),
        Column(head="Currency", width=9),
        Column(head="Opening units"),
        Column(head="Subscribed units"),
        Column(head="Redeemed units"),
        Column(head="Units"),
        Column(head="Weight in result", is_percent=True, places=6),
        Column(head=f"Capital, {base}", places=places),
        Column(head=f"Before class fees, {base}", places=places),
        Column(head=f"Class fees, {base}", places=places),
        Column(head=f"NAV, {base}", places=places, width=20),
        Column(head="NAV, class currency", width=20),
        Column(head="NAV per unit"),
        Column(head="NAV per unit, unrounded", width=20),
        Column(head="Total-return index", width=22),
        *(Column(head=title, is_percent=True, places=4) for title in _RETURNS.values()),
        *(Column(head=f"{title}: from") for title in _RETURNS.values()),
        Column(head="Why returns are missing", width=60),
    ]
    return sheet("Classes", columns, [_class_row(each) for each in result.classes])


def _class_row(each: ClassNav) -> Sequence[Cell]:
    returns: list[Return] = [getattr(each.performance, field) for field in _RETURNS]
    missing = [
        f"{title}: {measured.missing or 'the result does not say why.'}"
        for title, measured in zip(_RETURNS.values(), returns, strict=True)
        if measured.value is None
    ]
    return (
        each.class_id,
        each.name,
        each.currency,
        each.opening_units,
        each.subscribed_units,
        each.redeemed_units,
        each.units,
        each.weight,
        each.capital,
        each.gross,
        each.fees,
        each.nav_base,
        each.nav,
        each.nav_per_unit,
        each.nav_per_unit_exact,
        each.index,
        *("missing" if measured.value is None else measured.value for measured in returns),
        *(measured.since for measured in returns),
        "\n".join(missing) or None,
    )


def _positions(result: NavResult, positions: pl.DataFrame) -> Iterator[Sheet]:
    heads = {
        "instrument_id": Head(head="Instrument", width=18),
        "name": Head(head="Name", width=40),
        "currency": Head(head="Currency", width=9),
        "quantity": Head(head="Quantity", width=18),
        "price": Head(head="Price", width=14),
        "price_date": Head(head="Price date", width=12),
        "price_factor": Head(head="Price factor", width=12),
        "local_value": Head(head="Value, local", width=20),
        "accrued_interest": Head(head="Accrued interest, local", width=16),
        "fx_rate": Head(head=f"{result.base_currency} per local", width=16),
        "base_value": Head(head=f"Value, {result.base_currency}", width=20),
    }
    yield from frame_sheets("Positions", positions, heads)


def _balances(result: NavResult) -> Sheet:
    columns = [
        Column(head="Kind"),
        Column(head="Reference", width=40),
        Column(head="Currency", width=9),
        Column(head="Amount", width=20),
        Column(head=f"Amount, {result.base_currency}", width=20, places=places_of(result.nav)),
    ]
    rows = [
        (each.kind, each.reference, each.currency, each.amount, each.base_amount)
        for each in result.balances
    ]
    return sheet("Balances", columns, rows)


def _fees(result: NavResult) -> Sheet:
    base = result.base_currency
    places = places_of(result.nav)
    columns = [
        Column(head="Fee", width=20),
        Column(head="Class"),
        Column(head="Kind", width=12),
        Column(head="Days", width=8),
        Column(head="Day count", width=10),
        Column(head=f"Computed on, {base}", places=places, width=20),
        Column(head="Yearly rate", is_percent=True, places=4),
        Column(head=f"Owed before, {base}", places=places),
        Column(head=f"Accrued, {base}", places=places),
        Column(head=f"Paid, {base}", places=places),
        Column(head=f"Owed now, {base}", places=places),
        Column(head=f"Accrued this year, {base}", places=places),
        Column(head="Limit applied", width=12),
    ]
    rows = [
        (
            each.fee_id,
            each.class_id or "all classes",
            each.kind,
            each.days,
            each.day_count,
            each.base,
            each.rate,
            each.prior_total,
            each.amount,
            each.paid,
            each.total,
            each.year_to_date,
            "cap" if each.cap_applied else "floor" if each.floor_applied else None,
        )
        for each in result.accruals
    ]
    return sheet("Fees", columns, rows)


def _fx(result: NavResult) -> Sheet:
    columns = [
        Column(head="One unit of"),
        Column(head="buys", width=18),
        Column(head="of"),
        Column(head="Fixing date"),
        Column(head="Age, days"),
        Column(head="Source"),
    ]
    rows = [
        (each.base, each.rate, each.quote, each.fixing_date, each.age_days, each.source)
        for each in result.fx
    ]
    return sheet("FX", columns, rows)


def _checks(result: NavResult) -> Sheet:
    columns = [
        Column(head="Rule", width=26),
        Column(head="Subject", width=24),
        Column(head="Outcome", width=10),
        Column(head="On breach", width=10),
        Column(head="Value"),
        Column(head="Limit"),
        Column(head="Note", width=50),
        Column(head="Comments", width=60),
    ]
    return sheet("Checks", columns, [_check_row(each) for each in result.checks])


def _check_row(each: Check) -> Sequence[Cell]:
    comments = [
        f"{comment.text} ({comment.by}"
        + (f", {comment.at:%Y-%m-%d %H:%M} UTC)" if comment.at else ")")
        for comment in each.comments
    ]
    return (
        each.rule,
        each.subject,
        each.outcome,
        each.severity,
        "missing" if each.value is None else each.value,
        each.limit,
        each.note or None,
        "\n".join(comments) or None,
    )


def _movement(result: NavResult) -> Sheet:
    base = result.base_currency
    columns = [
        Column(head="Cause", width=30),
        Column(head=f"Amount, {base}", width=22, places=places_of(result.nav)),
    ]
    moved = result.movement
    rows: list[Sequence[Cell]] = [("First strike: no prior NAV to explain a movement from", None)]
    if moved is not None:
        rows = [
            (f"Opening NAV, {result.prior_date}", moved.opening),
            *causes_of(moved),
            ("Change", moved.total),
            (f"Closing NAV, {result.date}", moved.closing),
        ]
    causes = SheetChart(
        title="Movement by cause", labels=0, values=[1], first=2, rows=len(rows) - 3
    )
    return sheet("Movement", columns, rows, charts=[causes] if moved else [])


def _carried_prices(result: NavResult) -> Sheet:
    columns = [
        Column(head="Instrument", width=20),
        Column(head="Reason", width=60),
        Column(head="By", width=20),
        Column(head="At, UTC", width=20),
    ]
    rows = [
        (each.instrument_id, each.reason, each.by, f"{each.at:%Y-%m-%d %H:%M:%S}")
        for each in result.carried_prices
    ]
    return sheet("Carried prices", columns, rows)


def _inputs(result: NavResult, result_sha256: str) -> Sheet:
    rows = [
        *sorted(result.inputs.items()),
        ("NAV result (JSON)", result_sha256),
        ("Valued positions (Parquet)", result.positions.sha256),
    ]
    columns = [Column(head="File", width=30), Column(head="SHA-256", width=70)]
    return sheet("Inputs", columns, rows)
