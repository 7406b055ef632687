"""What can be wrong with the security master, alone and against the policy."""

from collections.abc import Iterator

import polars as pl

from tenuto.activities.dealing_days import calendar_problem
from tenuto.packs.finance.models import Problem
from tenuto.packs.finance.pricing.activities.rules.finding import each, repeated
from tenuto.packs.finance.pricing.policy import PricingPolicy

_NEEDS = {
    "bond": ("maturity", "convention"),
    "option": ("maturity", "strike", "option_type", "underlying"),
    "fx_forward": ("maturity", "underlying"),
}


def master_problems(instruments: pl.DataFrame, policy: PricingPolicy) -> Iterator[Problem]:
    """Everything that can be said about `instruments` and the policy without other files.

    `instruments` has `rule`, the waterfall rule that prices each, or null.
    """
    code, remedy = "pricing.instrument-twice", "keep one of them"
    yield from repeated(instruments, ["instrument_id"], code, remedy)
    yield from each(
        instruments,
        (pl.col("unit") == "GBX") & (pl.col("currency") != "GBP"),
        "pricing.unit-differs",
        "unit",
        "unit `GBX` is pence, and the currency is {currency}",
        "write currency GBP",
    )
    yield from each(
        instruments,
        ~pl.col("level_hint").is_between(1, 3),
        "pricing.level-unknown",
        "level_hint",
        "there is no level {level_hint}",
        "write 1, 2, or 3",
    )
    yield from each(
        instruments,
        pl.col("rule").is_null() & pl.col("type").is_not_null() & pl.col("currency").is_not_null(),
        "pricing.no-rule",
        "type",
        "no waterfall rule of the policy prices a {type} in {currency}",
        "add a rule, or leave the instrument out",
    )
    for model, columns in _NEEDS.items():
        for column in columns:
            yield from each(
                instruments,
                (pl.col("model") == model) & pl.col(column).is_null(),
                "pricing.model-incomplete",
                column,
                f"model `{model}` needs `{column}`",
                f"supply `{column}`, or leave `model` empty",
            )
    yield from _references(instruments)
    yield from _calendars(instruments, policy)


def _references(instruments: pl.DataFrame) -> Iterator[Problem]:
    known = instruments["instrument_id"].drop_nulls().unique().to_list()
    for column in ("peer", "underlying"):
        yield from each(
            instruments,
            ~pl.col(column).is_in(known),
            "pricing.reference-unknown",
            column,
            f"{column} `{{{column}}}` is not an instrument of this file",
            "add it, or correct the name",
        )


def _calendars(instruments: pl.DataFrame, policy: PricingPolicy) -> Iterator[Problem]:
    for name in instruments["calendar"].drop_nulls().unique().sort():
        problem = calendar_problem(name)
        if problem:
            yield from each(
                instruments,
                pl.col("calendar") == name,
                "pricing.calendar-unknown",
                "calendar",
                *problem,
            )
    named = {"default_calendar": policy.default_calendar}
    named |= {f"calendars.{country}": name for country, name in policy.calendars.items()}
    for field, name in sorted(named.items()):
        problem = calendar_problem(name)
        if problem:
            yield Problem(
                code="pricing.calendar-unknown",
                file="policy",
                field=field,
                found=problem[0],
                remedy=problem[1],
            )
