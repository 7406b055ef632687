"""`validate.quality`: a table is complete, unique, in range, fresh, and like the one before."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import Field, NonNegativeInt, PositiveInt, model_validator

from tenuto.catalog import SideEffect, activity
from tenuto.catalog.library.validate.verdict import (
    QUEUE,
    RuleId,
    Severity,
    Share,
    TableRequest,
    Validated,
)
from tenuto.core.records import Record
from tenuto.core.references import Dataset

Columns = Annotated[tuple[str, ...], Field(min_length=1)]


class Check(Record):
    """What every check has."""

    id: RuleId | None = None
    """The rule's name in the summary; made of the kind and its columns where it is not given."""
    severity: Severity = "block"


class Completeness(Check):
    """Values are there. Zero is a value, so is false; null, NaN and blank text are missing."""

    kind: Literal["completeness"] = "completeness"
    column: str
    max_missing_share: Share = Decimal(0)
    """Above this share of all rows the rows without a value fail; up to it none does."""


class RowCount(Check):
    """The table has as many rows as expected."""

    kind: Literal["row-count"] = "row-count"
    minimum: NonNegativeInt = 1
    maximum: NonNegativeInt | None = None


class ExpectedKeys(Check):
    """Every key of another table is in this one; those that are not are listed."""

    kind: Literal["expected-keys"] = "expected-keys"
    columns: Columns
    expected: Dataset
    expected_columns: tuple[str, ...] = ()
    """The columns' names in the other table, where they differ."""


class Uniqueness(Check):
    """The columns' values together occur once; of rows that share them all fail."""

    kind: Literal["uniqueness"] = "uniqueness"
    columns: Columns


class Range(Check):
    """Values are within bounds, both included. A missing value is not checked; NaN fails."""

    kind: Literal["range"] = "range"
    column: str
    minimum: Decimal | date | None = None
    maximum: Decimal | date | None = None

    @model_validator(mode="after")
    def _has_a_bound(self) -> Self:
        if self.minimum is None and self.maximum is None:
            raise ValueError("a range needs `minimum`, `maximum`, or both")
        return self


class Freshness(Check):
    """Dates are not older than allowed, and not after the as-of date. A missing date fails."""

    kind: Literal["freshness"] = "freshness"
    column: str
    """A date, or a datetime, whose date counts (in UTC where it has a time zone)."""
    as_of: date
    max_age: NonNegativeInt
    """Days before `as_of`; 0 asks for that very day."""
    days: Literal["calendar", "dealing"] = "calendar"
    calendar: str = "WEEKDAYS"
    """For dealing days: a market such as `ECB` or `NYSE`, or `WEEKDAYS`."""
    applies_to: Literal["each-row", "newest"] = "each-row"
    """`newest`: the table is fresh when its newest date is."""


class Reference(Check):
    """Values exist in another table. A row with a missing value is not checked."""

    kind: Literal["reference"] = "reference"
    columns: Columns
    table: Dataset
    table_columns: tuple[str, ...] = ()
    """The columns' names in the other table, where they differ."""


class Volume(Check):
    """The number of rows is like the number before."""

    kind: Literal["volume"] = "volume"
    previous_rows: PositiveInt
    max_change: Annotated[Decimal, Field(ge=0)]
    """Largest change either way, as a fraction of `previous_rows`."""


class Distribution(Check):
    """A value makes up its usual share of the rows."""

    kind: Literal["distribution"] = "distribution"
    column: str
    """Text, number, date or boolean."""
    value: str
    """As text, for example `EUR`, `0`, `true`; numbers are compared as numbers."""
    minimum: Share = Decimal(0)
    maximum: Share = Decimal(1)


QualityCheck = Annotated[
    Completeness
    | RowCount
    | ExpectedKeys
    | Uniqueness
    | Range
    | Freshness
    | Reference
    | Volume
    | Distribution,
    Field(discriminator="kind"),
]


class QualityRequest(TableRequest):
    """A table and what is expected of it."""

    checks: Annotated[tuple[QualityCheck, ...], Field(min_length=1)]


check_quality = activity(
    "validate.quality",
    request=QualityRequest,
    result=Validated,
    summary="Check completeness, uniqueness, ranges, freshness, references, and volume.",
    queue=QUEUE,
    start_to_close=timedelta(minutes=30),
    side_effect=SideEffect.ARTIFACTS,
    idempotency="The same tables and checks give the same bytes, which are stored once.",
)
