"""What can be wrong with quotes, rates, holdings, and the other files beside the master."""

from collections.abc import Iterator, Mapping

import polars as pl

from tenuto.packs.finance.models import Problem
from tenuto.packs.finance.pricing.activities.rules.finding import each, repeated


def quote_problems(quotes: pl.DataFrame) -> Iterator[Problem]:
    """`quotes` as read, with `received_at` as text, `moment` parsed, and `matches` counted."""
    yield from each(
        quotes,
        pl.col("instrument_id").is_null() & pl.col("identifier").is_null(),
        "pricing.identifier-missing",
        "instrument_id",
        "the row says neither instrument_id nor identifier",
        "supply one of them",
    )
    yield from each(
        quotes,
        pl.col("received_at").is_not_null() & pl.col("moment").is_null(),
        "pricing.moment-invalid",
        "received_at",
        "`{received_at}` is not a moment in UTC",
        "write it like 2024-01-31T17:30:00Z",
    )
    yield from each(
        quotes,
        pl.col("matches") > 1,
        "pricing.identifier-ambiguous",
        "identifier",
        "`{identifier}` is {matches} instruments of the security master",
        "name the instrument_id, or the currency if that tells them apart",
    )


def other_problems(
    tables: Mapping[str, pl.DataFrame], instruments: pl.DataFrame
) -> Iterator[Problem]:
    """Everything about the remaining inputs; one that was not given has no rows."""
    known = instruments["instrument_id"].drop_nulls().unique().to_list()
    yield from _holdings(tables["holdings"], known)
    yield from _actions(tables["corporate_actions"])
    yield from _rates(tables["fx"])
    yield from _series(tables["series"], instruments)
    yield from _models(tables, instruments, known)
    history = tables["history"]
    keys, remedy = ["instrument_id", "date"], "keep one of them"
    yield from repeated(history, keys, "pricing.history-twice", remedy)
    yield from each(history, pl.col("price") <= 0, "pricing.history-not-positive", "price",
                    "the price is {price}", "supply a price above 0")  # fmt: skip


def _holdings(holdings: pl.DataFrame, known: list[str]) -> Iterator[Problem]:
    remedy = "add up the weights in one row"
    yield from repeated(holdings, ["instrument_id"], "pricing.holding-twice", remedy)
    yield from each(
        holdings,
        ~pl.col("instrument_id").is_in(known),
        "pricing.holding-unknown",
        "instrument_id",
        "`{instrument_id}` is held and not in the security master",
        "add it to the instruments, or correct the name",
    )


def _actions(actions: pl.DataFrame) -> Iterator[Problem]:
    yield from each(
        actions,
        (pl.col("type") == "split") & ~(pl.col("ratio") > 0).fill_null(False),
        "pricing.action-invalid",
        "ratio",
        "a split has the ratio {ratio}",
        "supply new units for one old unit, above 0",
    )
    yield from each(
        actions,
        (pl.col("type") == "dividend") & ~(pl.col("rate") >= 0).fill_null(False),
        "pricing.action-invalid",
        "rate",
        "a dividend has the rate {rate}",
        "supply the amount per unit, 0 or more",
    )


def _rates(fx: pl.DataFrame) -> Iterator[Problem]:
    yield from each(fx, pl.col("rate") <= 0, "pricing.fx-not-positive", "rate",
                    "the rate is {rate}", "supply a rate above 0")  # fmt: skip
    yield from each(fx, pl.col("base") == pl.col("quote"), "pricing.fx-same-currency", "quote",
                    "{base} is quoted in itself", "correct one of them")  # fmt: skip
    sourced = fx.with_columns(pl.col("source").fill_null(""))
    keys = ["base", "quote", "date", "source"]
    yield from repeated(sourced, keys, "pricing.fx-twice", "keep one of them")


def _series(series: pl.DataFrame, instruments: pl.DataFrame) -> Iterator[Problem]:
    keys, remedy = ["series_id", "date"], "keep one of them"
    yield from repeated(series, keys, "pricing.series-twice", remedy)
    yield from each(series, pl.col("level") <= 0, "pricing.series-not-positive", "level",
                    "the level is {level}", "supply a level above 0")  # fmt: skip
    if series.height:
        yield from each(
            instruments,
            ~pl.col("benchmark").is_in(series["series_id"].unique().to_list()),
            "pricing.reference-unknown",
            "benchmark",
            "benchmark `{benchmark}` is not in the series file",
            "add it, or correct the name",
        )


def _models(
    tables: Mapping[str, pl.DataFrame], instruments: pl.DataFrame, known: list[str]
) -> Iterator[Problem]:
    inputs, curves = tables["model_inputs"], tables["curves"]
    keys, remedy = ["instrument_id", "name"], "keep one of them"
    yield from repeated(inputs, keys, "pricing.model-input-twice", remedy)
    yield from each(
        inputs,
        ~pl.col("instrument_id").is_in(known),
        "pricing.reference-unknown",
        "instrument_id",
        "`{instrument_id}` is not in the security master",
        "add it, or correct the name",
    )
    for table, field in ((inputs, "level"), (curves, "level")):
        yield from each(table, ~pl.col(field).is_between(1, 3), "pricing.level-unknown", field,
                        "there is no level {level}", "write 1, 2, or 3")  # fmt: skip
    yield from repeated(curves, ["curve_id", "years"], "pricing.curve-twice", remedy)
    yield from each(curves, pl.col("years") < 0, "pricing.curve-years", "years",
                    "{years} years is in the past", "supply 0 or more")  # fmt: skip
    yield from each(
        instruments,
        ~pl.col("curve").is_in(curves["curve_id"].unique().to_list()),
        "pricing.reference-unknown",
        "curve",
        "curve `{curve}` is not in the curves file",
        "add it, or correct the name",
    )
