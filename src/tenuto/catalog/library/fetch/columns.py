"""What a caller may say about the columns of a table that is fetched."""

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from tenuto.core.records import Record

ColumnKind = Literal["text", "integer", "decimal", "date", "datetime", "boolean"]

MAX_DIGITS = 38
"""Digits of the widest decimal, before and after the point together."""


class ColumnSpec(Record):
    """One column as the caller wants it: a value that does not fit is an error, never a guess."""

    name: Annotated[str, StringConstraints(min_length=1)]
    """The name in the dataset."""
    kind: ColumnKind = "text"
    """`text`; `integer` (64 bit); `decimal` (exact, with `scale` decimals); `date` (YYYY-MM-DD);
    `datetime` (stored in UTC); `boolean`."""
    scale: Annotated[int, Field(ge=0, le=MAX_DIGITS)] | None = None
    """Decimals kept, for `decimal`: a value with more is an error, not a rounding."""
    time_zone: str | None = None
    """For `datetime`: the zone of values that carry no offset, for example `Europe/Zurich`.
    Without it such a value is an error."""
    source: str | None = None
    """Where the value is in a record, if not under `name`: a dotted path such as `amount.value`
    in JSON, a header in CSV, a result column in SQL."""
    is_required: bool = False
    """Whether a missing value is an error. Otherwise it stays missing (null)."""
    may_be_absent: bool = False
    """Whether it is fine that no record of a JSON answer has the field at all. Otherwise that is
    taken for a misspelt `source`, and is an error."""

    @model_validator(mode="after")
    def _options_fit_type(self) -> Self:
        if (self.kind == "decimal") != (self.scale is not None):
            raise ValueError(
                f"column `{self.name}`: `scale` says how many decimals a `decimal` keeps; give it "
                "for that kind, and for no other"
            )
        if self.time_zone is not None and self.kind != "datetime":
            raise ValueError(f"column `{self.name}`: `time_zone` belongs to kind `datetime`")
        return self

    @property
    def source_name(self) -> str:
        """Where the value is in a record."""
        return self.source or self.name


def refuse_twice_named(columns: tuple[ColumnSpec, ...]) -> tuple[ColumnSpec, ...]:
    """The columns. Raises ValueError when two of them have the same name."""
    names = [column.name for column in columns]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(f"declared more than once: {', '.join(f'`{name}`' for name in twice)}")
    return columns
