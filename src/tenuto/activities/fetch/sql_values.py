"""A driver's Python values as columns: exact, with missing values missing, chunk by chunk."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

import polars as pl

from tenuto.activities.fetch.columns import decimals_of, dtype_of, typed, whole_digits_of
from tenuto.catalog.library.fetch.columns import MAX_DIGITS, ColumnSpec
from tenuto.core.errors import DataError

Kind = Literal[
    "integer", "decimal", "float", "text", "boolean", "date", "datetime", "timestamp", "binary"
]

_LARGEST_INT64 = 2**63 - 1
_LARGEST_EXACT_FLOAT = 2**53
_DIGITS_A_FLOAT_KEEPS = 15
_AS_STR = (UUID, time, timedelta)

_DTYPES: dict[Kind, pl.DataType] = {
    "integer": pl.Int64(),
    "decimal": pl.String(),  # until the scale of the whole column is known
    "float": pl.Float64(),
    "text": pl.String(),
    "boolean": pl.Boolean(),
    "date": pl.Date(),
    "datetime": pl.Datetime("us", "UTC"),
    "timestamp": pl.Datetime("us"),
    "binary": pl.Binary(),
}


@dataclass
class DeclaredColumn:
    """A column whose type the caller, or the table's definition, has fixed."""

    spec: ColumnSpec

    def read(self, values: Sequence[Any], rows_before: int) -> pl.Series:
        """The values of one chunk. Raises DataError naming the first that does not fit."""
        texts = [None if value is None else _declared_text(value, self.spec) for value in values]
        return typed(self.spec, pl.Series(texts, dtype=pl.String), rows_before=rows_before)

    def dtype(self) -> pl.DataType:
        """The type in the dataset."""
        return dtype_of(self.spec)


@dataclass
class FoundColumn:
    """A column whose type follows from all of its values."""

    name: str
    if_empty: Kind = "text"
    """The kind of a column without a single value."""
    _kinds: set[Kind] = field(default_factory=set)
    _scale: int = 0
    _whole_digits: int = 0
    _widest: int = 0

    def read(self, values: Sequence[Any], rows_before: int) -> pl.Series:
        """The values of one chunk. Raises DataError `fetch.sql-mixed-types` among others."""
        present = [value for value in values if value is not None]
        kinds = {_kind(each, self.name) for each in set(map(_type_of, present))}
        if "integer" in kinds:
            integers = [each for each in present if _is_integer(each)]
            smallest, largest = min(integers), max(integers)
            self._widest = max(self._widest, -smallest, largest)
            if smallest < -_LARGEST_INT64 - 1 or largest > _LARGEST_INT64:
                kinds = kinds - {"integer"} | {"decimal"}
        self._kinds |= kinds
        if not present:
            return pl.Series(self.name, values, dtype=pl.Null)
        kind = self._kind(kinds)
        cells = [None if value is None else _cell(value, kind, self.name) for value in values]
        column = pl.Series(self.name, cells, dtype=_DTYPES[kind])
        if kind == "decimal":
            self._measure(column)
        self._kind(self._kinds)
        return column

    def dtype(self) -> pl.DataType:
        """The type in the dataset, once every chunk has been read."""
        kind = self._kind(self._kinds)
        return pl.Decimal(MAX_DIGITS, self._scale) if kind == "decimal" else _DTYPES[kind]

    def _kind(self, kinds: set[Kind]) -> Kind:
        match sorted(kinds):
            case []:
                return self.if_empty
            case [one]:
                return one
            case ["decimal", "integer"]:
                return "decimal"
            case ["float", "integer"] if self._widest <= _LARGEST_EXACT_FLOAT:
                return "float"
            case several:
                raise DataError(
                    f"Column `{self.name}` holds values of different kinds: "
                    f"{' and '.join(several)}; declare the column, or cast it in the query.",
                    code="fetch.sql-mixed-types",
                    details={"column": self.name},
                )

    def _measure(self, numbers: pl.Series) -> None:
        whole = whole_digits_of(numbers).max()
        decimals = decimals_of(numbers).max()
        widest = len(str(self._widest)) if "integer" in self._kinds else 0
        self._whole_digits = max(self._whole_digits, int(str(whole)), widest)
        self._scale = max(self._scale, int(str(decimals)))
        if self._whole_digits + self._scale > MAX_DIGITS:
            raise DataError(
                f"Column `{self.name}` needs {self._whole_digits} digits before the point and "
                f"{self._scale} after it, and a decimal has {MAX_DIGITS} in all; round it in the "
                "query, or declare the column as text.",
                code="fetch.too-many-digits",
                details={"column": self.name},
            )


ReadColumn = DeclaredColumn | FoundColumn

POSTGRES_KINDS: Mapping[int, Kind] = {
    16: "boolean",
    17: "binary",
    20: "integer",
    21: "integer",
    23: "integer",
    700: "float",
    701: "float",
    1082: "date",
    1114: "timestamp",
    1184: "datetime",
    1700: "decimal",
}
"""Type number in `pg_type` -> kind, for columns without a value; the rest is text."""


def _type_of(value: Any) -> tuple[type, bool]:
    """The class, and whether it is a moment that knows its offset."""
    return type(value), isinstance(value, datetime) and value.tzinfo is not None


def _kind(found: tuple[type, bool], column: str) -> Kind:
    cls, is_aware = found
    order: tuple[tuple[tuple[type, ...], Kind], ...] = (
        ((bool,), "boolean"),
        ((int,), "integer"),
        ((Decimal,), "decimal"),
        ((float,), "float"),
        ((datetime,), "datetime" if is_aware else "timestamp"),
        ((date,), "date"),
        ((bytes, bytearray, memoryview), "binary"),
        ((str, list, tuple, dict, *_AS_STR), "text"),
    )
    for classes, kind in order:
        if issubclass(cls, classes):
            return kind
    raise DataError(
        f"Column `{column}` holds values of type {cls.__name__}, which have no place in a dataset; "
        "cast the column to text in the query.",
        code="fetch.sql-type-unknown",
        details={"column": column},
    )


def _is_integer(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _cell(value: Any, kind: Kind, column: str) -> Any:
    match kind:
        case "decimal":
            return _plain(value, column)
        case "text":
            return _text(value)
        case "datetime":
            return value.astimezone(UTC)
        case "binary":
            return bytes(value)
        case "float":
            return float(value)
        case _:
            return value


def _plain(value: Any, column: str) -> str:
    number = Decimal(value)
    if not number.is_finite():
        raise DataError(
            f"Column `{column}` holds {number}, which is no amount; leave such rows out, or "
            "declare the column as text.",
            code="fetch.sql-not-a-number",
            details={"column": column},
        )
    return format(number, "f")


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, list | tuple | dict):
        return json.dumps(value, default=str, ensure_ascii=False, separators=(",", ":"))
    return str(value)


def _declared_text(value: Any, spec: ColumnSpec) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case float() if spec.kind == "decimal":
            return _digits_of_float(value, spec)
        case Decimal():
            return format(value, "f")
        case datetime() | date():
            return value.isoformat()
        case bytes() | bytearray() | memoryview():
            return bytes(value).hex()
        case _:
            return _text(value)


def _digits_of_float(value: float, spec: ColumnSpec) -> str:
    """SQLite keeps NUMERIC as a float, which holds what was written while it has 15 digits."""
    digits = Decimal(repr(value))
    if not digits.is_finite() or len(digits.normalize().as_tuple().digits) > _DIGITS_A_FLOAT_KEEPS:
        raise DataError(
            f"Column `{spec.name}` holds the float {value!r}, whose digits are not what was once "
            "written; keep amounts as text or integers in the database, or cast them in the query.",
            code="fetch.sql-inexact",
            details={"column": spec.name},
        )
    return format(digits, "f")
