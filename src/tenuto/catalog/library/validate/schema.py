"""`validate.schema`: a table holds the declared columns, and each cell what its column allows."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import Field, NonNegativeInt, PositiveInt, model_validator

from tenuto.catalog import SideEffect, activity
from tenuto.catalog.library.validate.verdict import QUEUE, Severity, TableRequest, Validated
from tenuto.core.records import Record

ColumnType = Literal["text", "integer", "decimal", "float", "boolean", "date", "datetime"]

CodeKind = Literal["currency", "isin", "cusip", "sedol", "lei", "figi"]
"""Codes with rules of their own: ISO 4217 currencies, and identifiers with a check digit."""

Bound = Decimal | date
"""A number for a number column, a date for a date column."""

_TEXT_ONLY = ("pattern", "min_length", "max_length", "code")


class ColumnSchema(Record):
    """What one column must be."""

    name: str
    type: ColumnType
    required: bool = True
    """Whether the table must have the column at all."""
    nullable: bool = False
    allowed: tuple[str, ...] = ()
    """The only values a text column may hold; empty allows every value."""
    pattern: str | None = None
    """A regular expression the whole text must match. No look-around and no back-references: it is
    matched in linear time."""
    minimum: Bound | None = None
    """The least value allowed."""
    maximum: Bound | None = None
    """The greatest value allowed."""
    min_length: NonNegativeInt | None = None
    """Characters of a text."""
    max_length: NonNegativeInt | None = None
    digits: Annotated[PositiveInt, Field(le=38)] | None = None
    """Significant digits a decimal may have, before and after the point together."""
    places: NonNegativeInt | None = None
    """Decimals that count: trailing zeros do not."""
    code: CodeKind | None = None
    severity: Severity = "block"

    @model_validator(mode="after")
    def _checks_fit_the_type(self) -> Self:
        texts = [field for field in _TEXT_ONLY if getattr(self, field) is not None]
        if self.allowed:
            texts.append("allowed")
        if texts and self.type != "text":
            raise ValueError(f"column {self.name!r} is {self.type}; `{texts[0]}` is for text")
        if (self.digits or self.places is not None) and self.type != "decimal":
            raise ValueError(f"column {self.name!r} is {self.type}; digits are for decimal")
        self._refuse_bounds_of_another_type()
        return self

    def _refuse_bounds_of_another_type(self) -> None:
        wanted = {"date": date, "datetime": date} | dict.fromkeys(
            ("integer", "decimal", "float"), Decimal
        )
        for bound in (self.minimum, self.maximum):
            if bound is not None and not isinstance(bound, wanted.get(self.type, ())):
                raise ValueError(f"column {self.name!r} is {self.type}; {bound} is no bound for it")
        if _is_above(self.minimum, self.maximum):
            raise ValueError(f"column {self.name!r}: minimum is above maximum")
        if (self.min_length or 0) > (self.max_length if self.max_length is not None else 10**9):
            raise ValueError(f"column {self.name!r}: min_length is above max_length")


class SchemaRequest(TableRequest):
    """A table and what it must look like."""

    columns: Annotated[tuple[ColumnSchema, ...], Field(min_length=1)]
    key: tuple[str, ...] = ()
    """Columns whose values together occur once. Of rows that share a key all fail: nobody can say
    which one is right."""
    unknown_columns: Literal["refuse", "keep", "drop"] = "refuse"
    """What becomes of columns that are not declared; `drop` leaves them out of `good`."""

    @model_validator(mode="after")
    def _names_fit_together(self) -> Self:
        names = [column.name for column in self.columns]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"column {twice[0]!r} is declared twice")
        missing = [name for name in self.key if name not in names]
        if missing:
            raise ValueError(f"key column {missing[0]!r} is not declared")
        return self


def _is_above(minimum: Bound | None, maximum: Bound | None) -> bool:
    if isinstance(minimum, Decimal) and isinstance(maximum, Decimal):
        return minimum > maximum
    return isinstance(minimum, date) and isinstance(maximum, date) and minimum > maximum


check_schema = activity(
    "validate.schema",
    request=SchemaRequest,
    result=Validated,
    summary="Hold a table against its declared columns, and set aside the rows that differ.",
    queue=QUEUE,
    start_to_close=timedelta(minutes=30),
    side_effect=SideEffect.ARTIFACTS,
    idempotency="The same table and schema give the same bytes, which are stored once.",
)
