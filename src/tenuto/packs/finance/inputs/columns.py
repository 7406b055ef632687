"""What a column of an input file is called, and what may stand in it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import polars as pl

Kind = Literal["text", "decimal", "integer", "date", "currency", "quoted", "choice"]

QUANTITY_PLACES = 8
PRICE_PLACES = 10
RATE_PLACES = 12
AMOUNT_PLACES = 8

PRICE_UNITS = ("unit", "per100", "GBX")


@dataclass(frozen=True, slots=True)
class Column:
    """One column of an input file."""

    name: str
    kind: Kind
    is_required: bool = True
    """Whether the file must have the column, and every row a value in it."""
    places: int = 0
    """Decimals kept, for `decimal`; a value with more is an error, not a rounding."""
    choices: tuple[str, ...] = ()

    @property
    def dtype(self) -> pl.DataType:
        """The Polars type of the typed column."""
        match self.kind:
            case "decimal":
                return pl.Decimal(38, self.places)
            case "integer":
                return pl.Int64()
            case "date":
                return pl.Date()
            case _:
                return pl.String()


def text(name: str, *, optional: bool = False) -> Column:
    """Any text; surrounding blanks are cut off."""
    return Column(name, "text", not optional)


def decimal(name: str, places: int, *, optional: bool = False) -> Column:
    """An exact number with at most `places` decimals."""
    return Column(name, "decimal", not optional, places)


def date(name: str, *, optional: bool = False) -> Column:
    """A date as YYYY-MM-DD."""
    return Column(name, "date", not optional)


def currency(name: str, *, optional: bool = False) -> Column:
    """An ISO 4217 code in use."""
    return Column(name, "currency", not optional)


def quoted(name: str) -> Column:
    """A currency in a table of rates, which lists many that no fund holds, withdrawn ones too."""
    return Column(name, "quoted")


def choice(name: str, choices: tuple[str, ...], *, optional: bool = False) -> Column:
    """One of `choices`, exactly as written."""
    return Column(name, "choice", not optional, choices=choices)


def integer(name: str, *, optional: bool = False) -> Column:
    """A whole number of at most nine digits."""
    return Column(name, "integer", not optional)


def empty_table(columns: Sequence[Column]) -> pl.DataFrame:
    """The typed table of a file that was not given: all columns, no rows."""
    return pl.DataFrame(schema=table_schema(columns))


def table_schema(columns: Sequence[Column]) -> dict[str, pl.DataType]:
    """`file, row` and `columns`, typed."""
    typed = {column.name: column.dtype for column in columns}
    return {"file": pl.String(), "row": pl.Int64(), **typed}
