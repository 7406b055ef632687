"""Text into the types a caller declared: exactly, or not at all."""

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import polars as pl

from tenuto.catalog.library.fetch.columns import MAX_DIGITS, ColumnSpec
from tenuto.core.errors import DataError, UsageError

_DATE = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
_INTEGER = r"^[+-]?[0-9]{1,19}$"
_NUMBER = r"^[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)$"
_WITH_EXPONENT = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)[eE][+-]?[0-9]{1,3}")
_MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6}0*)?)?"
    r"(Z|z|[+-][0-9]{2}(:?[0-9]{2})?)?"
)
_SHOWN_CHARS = 60

_EXPECTED = {
    "integer": "a whole number of 64 bits",
    "date": "a date, YYYY-MM-DD",
    "datetime": "a moment such as 2026-03-31T17:00:00Z",
    "boolean": "true or false",
}


def dtype_of(column: ColumnSpec) -> pl.DataType:
    """The Polars type a column of the dataset gets."""
    match column.kind:
        case "text":
            return pl.String()
        case "integer":
            return pl.Int64()
        case "decimal":
            return pl.Decimal(MAX_DIGITS, column.scale or 0)
        case "date":
            return pl.Date()
        case "datetime":
            return pl.Datetime("us", "UTC")
        case "boolean":
            return pl.Boolean()


def typed(column: ColumnSpec, texts: pl.Series, *, rows_before: int) -> pl.Series:
    """The column, typed; null where the text is null.

    `rows_before` is what was read before, so that an error names the right record. Raises
    DataError `fetch.value-does-not-fit`, `fetch.value-missing`.
    """
    values = _converted(column, texts).rename(column.name)
    is_wrong = values.is_null() & texts.is_not_null()
    if is_wrong.any():
        at = int(is_wrong.arg_max() or 0)
        raise _misfit(column, str(texts[at]), rows_before + at + 1, int(is_wrong.sum()))
    if column.is_required and values.has_nulls():
        at = int(values.is_null().arg_max() or 0)
        raise DataError(
            f"Column `{column.name}` has no value in record {rows_before + at + 1}, and it is "
            "required; ask the source for it, or declare the column without `is_required`.",
            code="fetch.value-missing",
            details={"column": column.name, "record": rows_before + at + 1},
        )
    return values


def zones_known(columns: Sequence[ColumnSpec]) -> None:
    """Nothing, or UsageError `fetch.unknown-time-zone` before anything is fetched."""
    for column in columns:
        if column.time_zone is not None:
            _zone(column)


def _converted(column: ColumnSpec, texts: pl.Series) -> pl.Series:
    match column.kind:
        case "text":
            return texts
        case "integer":
            return _where(texts, texts.str.contains(_INTEGER)).cast(pl.Int64, strict=False)
        case "decimal":
            return _decimals(texts, column.scale or 0)
        case "date":
            return _where(texts, texts.str.contains(_DATE)).str.to_date("%Y-%m-%d", strict=False)
        case "datetime":
            moments = [None if text is None else _moment(text, column) for text in texts]
            return pl.Series(moments, dtype=pl.Datetime("us", "UTC"))
        case "boolean":
            spelt = {"true": True, "false": False, "1": True, "0": False}
            found = [None if text is None else spelt.get(text.lower()) for text in texts]
            return pl.Series(found, dtype=pl.Boolean)


def _where(texts: pl.Series, fits: pl.Series) -> pl.Series:
    return texts.set(~fits.fill_null(value=False), None)


def _decimals(texts: pl.Series, scale: int) -> pl.Series:
    """Only texts that fit `Decimal(38, scale)` unrounded: a cast alone would round."""
    if texts.str.contains("[eE]").any():
        texts = pl.Series([_without_exponent(text) for text in texts], dtype=pl.String)
    fits = texts.str.contains(_NUMBER)
    fits &= decimals_of(texts) <= scale
    fits &= whole_digits_of(texts) <= MAX_DIGITS - scale
    return _where(texts, fits).cast(pl.Decimal(MAX_DIGITS, scale))


def decimals_of(numbers: pl.Series) -> pl.Series:
    """Decimals that count of plain numbers as text: trailing zeros do not."""
    return numbers.str.extract(r"\.([0-9]*?)0*$").fill_null("").str.len_bytes()


def whole_digits_of(numbers: pl.Series) -> pl.Series:
    """Digits before the point of plain numbers as text, leading zeros left out."""
    return numbers.str.extract(r"^[+-]?0*([0-9]*)").fill_null("").str.len_bytes()


def _without_exponent(text: str | None) -> str | None:
    if text is None or _WITH_EXPONENT.fullmatch(text) is None:
        return text
    return format(Decimal(text), "f")


def _moment(text: str, column: ColumnSpec) -> datetime | None:
    if _MOMENT.fullmatch(text) is None:
        return None
    try:
        moment = datetime.fromisoformat(text.upper())
    except ValueError:
        return None
    if moment.tzinfo is None:
        return None if column.time_zone is None else _in_zone(moment, _zone(column))
    return moment.astimezone(UTC)


def _in_zone(moment: datetime, zone: ZoneInfo) -> datetime | None:
    """None in the hour that a clock change skips or repeats: nobody can say which was meant."""
    early, late = (moment.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    return early.astimezone(UTC) if early.utcoffset() == late.utcoffset() else None


def _zone(column: ColumnSpec) -> ZoneInfo:
    try:
        return ZoneInfo(column.time_zone or "UTC")
    except (ZoneInfoNotFoundError, ValueError) as exc:
        raise UsageError(
            f"Column `{column.name}`: there is no time zone `{column.time_zone}`; write a name "
            "such as `Europe/Zurich` or `UTC`.",
            code="fetch.unknown-time-zone",
        ) from exc


def _misfit(column: ColumnSpec, found: str, record: int, how_many: int) -> DataError:
    more = f" (and {how_many - 1} more like it)" if how_many > 1 else ""
    return DataError(
        f"Column `{column.name}` of record {record} holds `{found[:_SHOWN_CHARS]}`{more}, "
        f"expected {'; '.join(_expected(column))}.",
        code="fetch.value-does-not-fit",
        details={"column": column.name, "record": record, "records_wrong": how_many},
    )


def _expected(column: ColumnSpec) -> Iterator[str]:
    if column.kind == "decimal":
        yield (f"a number with at most {column.scale} decimals and {MAX_DIGITS} digits in all")
    else:
        yield _EXPECTED[column.kind]
    if column.kind == "datetime" and column.time_zone is None:
        yield "where values carry no offset, declare their `time_zone`"
    elif column.kind == "datetime":
        yield f"that the clocks of {column.time_zone} show exactly once"
    else:
        yield "correct the source, or declare the column otherwise"
