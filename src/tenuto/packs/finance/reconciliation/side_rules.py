"""How the records of one party are read before anything is compared."""

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from tenuto.core.records import Record
from tenuto.packs.finance.models import Identifier
from tenuto.packs.finance.reconciliation.kinds import FieldKind

FieldName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
"""A field's name inside Tenuto; what a file calls it stands in the side's `columns`."""
SideName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,31}$")]


class RecField(Record):
    """One column that the reconciliation knows."""

    name: FieldName
    kind: FieldKind
    """`identifier` is text whose case and inner blanks do not count; the field names `isin`,
    `cusip`, `sedol` and `lei` also have their check digit looked at."""
    places: Annotated[int, Field(ge=0, le=10)] = 8
    """Decimals of a `decimal`; a value with more is an exception, never rounded."""


class SignRule(Record):
    """How the sign of a decimal on one side becomes the sign that both sides share."""

    field: FieldName
    rule: Literal["flip", "absolute", "by"]
    """`flip`: times -1; `absolute`: without sign; `by`: the magnitude, negative where the column
    `by` holds one of `negative`."""
    by: FieldName | None = None
    negative: tuple[str, ...] = ()
    """Values of `by` that mean a negative amount, for example `D`, `sell`."""

    @model_validator(mode="after")
    def _says_by_what(self) -> Self:
        if self.rule == "by" and not (self.by and self.negative):
            raise ValueError(f"sign rule of {self.field!r}: `by` needs `by` and `negative`")
        return self


class Exclusion(Record):
    """Rows set aside before matching; they are counted, so that every row stays accounted for."""

    name: Identifier
    field: FieldName
    values: Annotated[tuple[str, ...], Field(min_length=1)]
    """A row is set aside when its text in `field`, after string maps, is one of these."""


class SideRules(Record):
    """One party's records and how they are read."""

    name: SideName
    columns: dict[FieldName, str] = Field(default_factory=dict)
    """Field -> this side's column header. When given, only these columns are read and others are
    ignored; when empty, columns have the fields' own names and an unknown one is an error."""
    constants: dict[FieldName, str] = Field(default_factory=dict)
    """Field -> value of every row, for what the file leaves out (its one account, say)."""
    string_maps: dict[FieldName, dict[str, str]] = Field(default_factory=dict)
    """Field -> their text -> our text, applied before anything is compared."""
    signs: tuple[SignRule, ...] = ()
    exclude: tuple[Exclusion, ...] = ()
    roll_dates: Literal["none", "following", "preceding"] = "none"
    """To which dealing day a date on a closed day moves."""
