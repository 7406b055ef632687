"""Whether dates are as young as they must be."""

from datetime import date, timedelta

import polars as pl

from tenuto.activities.dealing_days import add_dealing_days, calendar_problem
from tenuto.activities.validate.expressions.values import Kind
from tenuto.activities.validate.findings import RowRule, TableRule, shown, table_example
from tenuto.activities.validate.measures import kind_of, wrong_type
from tenuto.catalog.library.validate.quality import Freshness
from tenuto.core.errors import UsageError
from tenuto.core.references import Dataset


def freshness(
    check: Freshness, name: str, table: Dataset, frame: pl.LazyFrame
) -> RowRule | TableRule:
    """Dates before the oldest allowed day fail, and so do dates after the as-of date."""
    kind = kind_of(table, check.column)
    if kind not in (Kind.DATE, Kind.MOMENT):
        raise wrong_type(table, check.column, "a date")
    day = pl.col(check.column)
    if kind is Kind.MOMENT:
        day = _utc(day, table, check.column).dt.date()
    oldest = oldest_day(check)
    if check.applies_to == "newest":
        return _of_newest(check, name, frame, day, oldest)
    return RowRule(
        rule=name,
        severity=check.severity,
        description=_description(check, oldest),
        fails=(day < oldest) | (day > check.as_of),
        found=pl.concat_str(pl.lit(f"{check.column} is "), shown(check.column)),
        remedy=_remedy(check, oldest),
    )


def oldest_day(check: Freshness) -> date:
    """The first day that is fresh enough.

    Raises UsageError `validate.unknown-calendar`. A market's calendar counts only days it is open:
    one dealing day before a Monday is the Friday.
    """
    if check.days == "calendar":
        return check.as_of - timedelta(days=check.max_age)
    problem = calendar_problem(check.calendar)
    if problem:
        raise UsageError(f"{'; '.join(problem)}.", code="validate.unknown-calendar")
    return add_dealing_days(check.calendar, check.as_of, -check.max_age)


def _of_newest(
    check: Freshness, name: str, frame: pl.LazyFrame, day: pl.Expr, oldest: date
) -> TableRule:
    newest = frame.select(day.max()).collect(engine="streaming").item()
    is_wrong = newest is None or not oldest <= newest <= check.as_of
    found = f"the newest {check.column} is {newest}" if newest else f"{check.column} is missing"
    return TableRule(
        rule=name,
        severity=check.severity,
        description=_description(check, oldest),
        checked=1,
        failed=int(is_wrong),
        examples=(table_example(found, _remedy(check, oldest)),) if is_wrong else (),
    )


def _utc(moment: pl.Expr, table: Dataset, column: str) -> pl.Expr:
    dtype = next(each.dtype for each in table.columns if each.name == column)
    return moment if "time_zone=None" in dtype else moment.dt.convert_time_zone("UTC")


def _description(check: Freshness, oldest: date) -> str:
    which = "The newest" if check.applies_to == "newest" else "Every"
    return (
        f"{which} {check.column} is at most {check.max_age} {check.days} days old on "
        f"{check.as_of}: from {oldest}."
    )


def _remedy(check: Freshness, oldest: date) -> str:
    return f"supply data from {oldest} to {check.as_of}"
