"""What can be wrong with prices of what is held."""

from collections.abc import Iterator

import polars as pl

from tenuto.packs.finance.models import Problem
from tenuto.packs.finance.nav.activities.actions import effective
from tenuto.packs.finance.nav.activities.book import UNIT_FACTORS, last_known
from tenuto.packs.finance.nav.activities.opened import OpenStrike
from tenuto.packs.finance.nav.activities.rules.finding import Row, at, conflicting, rows, shown

BEFORE_ACTION = frozenset({"nav.price-before-split", "nav.price-before-action"})
"""Problems with a price from before a corporate action; no earlier one helps."""

MISSING = frozenset({"nav.price-missing", "nav.price-stale"}) | BEFORE_ACTION
"""Problems that end when somebody supplies a price, or decides to carry one."""

_SPLITS = frozenset({"split", "reverse-split", "stock-dividend"})


def price_problems(opened: OpenStrike, book: pl.DataFrame) -> Iterator[Problem]:
    """Everything between the held positions and the price files. `book` is the priced book."""
    quotes = opened.table("prices").join(book, on="instrument_id", how="semi")
    for row in rows(quotes, pl.col("price") <= 0):
        found = f"the price is {shown(row['price'])}"
        yield at(row, "nav.price-not-positive", "price", found, "supply a price above 0")
    yield from conflicting(
        quotes.filter(pl.col("price").is_not_null() & (pl.col("date") <= opened.strike.date)),
        ["instrument_id", "date"],
        ["price", "currency", "unit"],
        "nav.price-conflict",
        "keep the right one",
    )
    yield from _missing(opened, book, quotes)
    yield from _stale(opened, book)
    yield from _before_action(opened, book)
    yield from _differing(book)


def _missing(opened: OpenStrike, book: pl.DataFrame, quotes: pl.DataFrame) -> Iterator[Problem]:
    unreadable = quotes.filter(
        pl.any_horizontal(pl.col("date", "price", "currency").is_null()) | (pl.col("price") <= 0)
    )
    unpriced = book.filter(pl.col("price").is_null()).join(
        unreadable, on="instrument_id", how="anti", maintain_order="left"
    )
    known = last_known(opened) if unpriced.height else {}
    for row in unpriced.iter_rows(named=True):
        earlier = known.get(row["instrument_id"])
        carry = f", or carry that of {earlier}" if earlier else ""
        yield _price_problem(
            opened,
            row,
            "nav.price-missing",
            f"`{row['instrument_id']}` (row {row['row']} of {row['file']}) has no price on or "
            f"before {opened.strike.date}",
            f"supply a price{carry}",
        )


def _stale(opened: OpenStrike, book: pl.DataFrame) -> Iterator[Problem]:
    day, limit = opened.strike.date, opened.strike.fund.prices.max_age_days
    age = (pl.lit(day) - pl.col("price_date")).dt.total_days()
    for row in rows(book, (age > limit) & ~pl.col("is_carried")):
        days = (day - row["price_date"]).days
        yield _price_problem(
            opened,
            row,
            "nav.price-stale",
            f"the price of `{row['instrument_id']}` on {row['price_date']} is {days} days old "
            f"(limit {limit})",
            "supply a price, carry this one, or raise `prices.max_age_days` of the fund",
        )


def _before_action(opened: OpenStrike, book: pl.DataFrame) -> Iterator[Problem]:
    """Prices of before a corporate action that made the unit worth something else."""
    happened = [each for each in effective(opened) if each.changes_price]
    names = [each.instrument_id for each in happened]
    for row in rows(book, pl.col("instrument_id").is_in(names)):
        passed = [
            each
            for each in happened
            if each.instrument_id == row["instrument_id"]
            and row["price_date"]
            and row["price_date"] < each.on
        ]
        if passed:
            last = passed[-1]
            is_split = last.action.kind in _SPLITS
            what = "split" if is_split else f"{last.action.kind} (`{last.action.ca_id}`)"
            yield _price_problem(
                opened,
                row,
                "nav.price-before-split" if is_split else "nav.price-before-action",
                f"the price of `{row['instrument_id']}` on {row['price_date']} is older than its "
                f"{what} on {last.on}",
                f"supply a price after the {'split' if is_split else last.action.kind}",
            )


def _price_problem(opened: OpenStrike, row: Row, code: str, found: str, remedy: str) -> Problem:
    """In the row of the price where there is one, else in the price file as a whole."""
    return Problem(
        code=code,
        file=row["price_file"] or opened.strike.inputs.names["prices"],
        row=row["price_row"],
        field="date" if row["price_row"] else "instrument_id",
        found=found,
        remedy=remedy,
        instrument_id=row["instrument_id"],
    )


def _differing(book: pl.DataFrame) -> Iterator[Problem]:
    for row in rows(book, pl.col("currency") != pl.col("price_currency")):
        found = (
            f"`{row['instrument_id']}` is held in {row['currency']} and priced in "
            f"{row['price_currency']} ({_where(row)})"
        )
        yield at(row, "nav.currency-differs", "currency", found, "correct one of them")
    for row in rows(book, pl.col("price_unit") != pl.col("unit")):
        found = f"priced per `{row['price_unit']}` here and per `{row['unit']}` in {_where(row)}"
        yield at(row, "nav.price-unit-differs", "price_unit", found, "correct one of them")
    for row in rows(book, pl.col("given_factor").is_not_null() & pl.col("unit").is_not_null()):
        if UNIT_FACTORS[row["unit"]] != row["given_factor"]:
            found = (
                f"the price factor is {shown(row['given_factor'])} here and the unit "
                f"`{row['unit']}` in {_where(row)}"
            )
            yield at(row, "nav.price-unit-differs", "price_factor", found, "keep one of them")
    for row in rows(
        book,
        pl.any_horizontal(pl.col("unit", "price_unit") == "GBX") & (pl.col("currency") != "GBP"),
    ):
        found = f"unit `GBX` is pence, and the currency is {row['currency']}"
        yield at(row, "nav.price-unit-differs", "currency", found, "write currency GBP")


def _where(row: Row) -> str:
    return f"{row['price_file']}:{row['price_row']}" if row["price_row"] else "the prior NAV"
