"""Text cells as typed values: every number exact, every refusal a problem."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import polars as pl
from polars.exceptions import PolarsError

from tenuto.activities.fetch.columns import dtype_of
from tenuto.activities.fetch.files.chunks import ROW
from tenuto.catalog.library.fetch.columns import MAX_DIGITS
from tenuto.catalog.library.fetch.files import FileColumn, NumberLayout
from tenuto.catalog.library.fetch.sources import FileProblem
from tenuto.core.errors import UsageError

_FIRST_YEAR = 1000
"""`%Y` also reads `24`, as the year 24."""

_ISO_DATE = ("%Y-%m-%d",)
_ISO_DATETIME = (
    "%Y-%m-%dT%H:%M:%S%.f%z",
    "%Y-%m-%dT%H:%M:%S%.f",
    "%Y-%m-%d %H:%M:%S%.f%z",
    "%Y-%m-%d %H:%M:%S%.f",
)


def typed(
    file: str,
    cells: pl.DataFrame,
    columns: Sequence[FileColumn],
    missing: Sequence[str],
    numbers: NumberLayout,
) -> tuple[pl.DataFrame, list[FileProblem]]:
    """`source_row` and the typed columns, and what could not be typed.

    A cell with a problem becomes null. Raises UsageError `files.bad-column` for a date format
    or time zone that means nothing.
    """
    present = cells.with_columns(
        pl.when(~pl.col(column.name).is_in(list(missing))).then(pl.col(column.name))
        for column in columns
    )
    try:
        values = present.select(ROW, *(_value(column, numbers) for column in columns))
    except PolarsError as exc:
        raise UsageError(
            f"the columns cannot be read as declared: {str(exc).splitlines()[0]}; correct "
            "`formats` or `time_zone`",
            code="files.bad-column",
        ) from exc
    problems = [
        problem
        for column in columns
        for problem in _problems(file, column, present, values[column.name], numbers)
    ]
    return values, sorted(problems, key=lambda each: each.row or 0)


def _value(column: FileColumn, numbers: NumberLayout) -> pl.Expr:
    text = pl.col(column.name).str.strip_chars()
    match column.kind:
        case "text":
            value = pl.col(column.name)
        case "decimal":
            plain = _plain(text, numbers)
            fits = (_decimals(plain) <= _scale(column)) & (
                _integer_digits(plain) <= MAX_DIGITS - _scale(column)
            )
            fitting = pl.when(fits).then(plain)
            value = fitting.cast(dtype_of(column), strict=False)
        case "integer":
            plain = _plain(text, numbers)
            whole = pl.when(plain.str.contains(r"^[+-]?[0-9]{1,18}$")).then(plain)
            value = whole.str.strip_prefix("+").cast(pl.Int64, strict=False)
        case "date":
            forms = column.formats or _ISO_DATE
            value = pl.coalesce(text.str.strptime(pl.Date, form, strict=False) for form in forms)
            value = _in_our_time(value)
        case "datetime":
            value = _moment(column, text)
        case "boolean":
            value = _boolean(column, text)
    return value.alias(column.name)


def _moment(column: FileColumn, text: pl.Expr) -> pl.Expr:
    text = text.str.replace("[Zz]$", "+0000")
    tries = []
    for form in column.formats or _ISO_DATETIME:
        if "z" in form:
            tries.append(text.str.strptime(pl.Datetime("us", "UTC"), form, strict=False))
            continue
        if column.time_zone is None:
            continue
        local = text.str.strptime(pl.Datetime("us"), form, strict=False)
        zoned = local.dt.replace_time_zone(column.time_zone, ambiguous="null", non_existent="null")
        tries.append(zoned.dt.convert_time_zone("UTC"))
    value = pl.coalesce(tries) if tries else pl.lit(None, pl.Datetime("us", "UTC"))
    return _in_our_time(value)


def _in_our_time(value: pl.Expr) -> pl.Expr:
    return pl.when(value.dt.year() >= _FIRST_YEAR).then(value)


def _boolean(column: FileColumn, text: pl.Expr) -> pl.Expr:
    lower = text.str.to_lowercase()
    yes = [word.lower() for word in column.true_words]
    no = [word.lower() for word in column.false_words]
    return (
        pl.when(lower.is_in(yes)).then(pl.lit(value=True))
        .when(lower.is_in(no)).then(pl.lit(value=False))
    )  # fmt: skip


def _plain(text: pl.Expr, numbers: NumberLayout) -> pl.Expr:
    """The number as `-1234.5`, or null where the text is no number in this layout."""
    mark = re.escape(numbers.decimal_mark)
    if numbers.negative == "trailing":
        text = text.str.replace(r"^([^+-].*)-$", "-$1")
    elif numbers.negative == "parentheses":
        text = text.str.replace(r"^\(([^+-].*)\)$", "-$1")
    whole = "[0-9]+"
    if numbers.thousands_separator:
        if numbers.thousands_separator == " ":
            text = text.str.replace_all("[\u00a0\u202f]", " ")
        group = re.escape(numbers.thousands_separator)
        whole = rf"(?:[0-9]{{1,3}}(?:{group}[0-9]{{3}})+|[0-9]+)"
    is_number = text.str.contains(rf"^[+-]?(?:{whole}(?:{mark}[0-9]*)?|{mark}[0-9]+)$")
    plain: pl.Expr = pl.when(is_number).then(text)
    if numbers.thousands_separator:
        plain = plain.str.replace_all(numbers.thousands_separator, "", literal=True)
    return plain.str.replace(numbers.decimal_mark, ".", literal=True)


def _scale(column: FileColumn) -> int:
    return column.scale or 0


def _decimals(plain: pl.Expr) -> pl.Expr:
    """Decimals that count: trailing zeros do not."""
    return plain.str.extract(r"\.([0-9]*?)0*$").fill_null("").str.len_bytes()


def _integer_digits(plain: pl.Expr) -> pl.Expr:
    return plain.str.extract(r"^[+-]?0*([0-9]*)").fill_null("").str.len_bytes()


def _problems(
    file: str,
    column: FileColumn,
    present: pl.DataFrame,
    values: pl.Series,
    numbers: NumberLayout,
) -> Iterator[FileProblem]:
    text = present[column.name]
    is_wrong = values.is_null() if column.is_required else values.is_null() & text.is_not_null()
    if not is_wrong.any():
        return
    for row, cell in present.filter(is_wrong).select(ROW, column.name).iter_rows():
        wrong = _diagnosis(column, cell, numbers)
        yield FileProblem(
            code=wrong.code,
            file=file,
            row=row,
            column=column.name,
            found=wrong.found,
            remedy=wrong.remedy,
        )


@dataclass(frozen=True, kw_only=True)
class _Wrong:
    """Why a cell has no value."""

    code: str
    found: str
    remedy: str


def _diagnosis(column: FileColumn, cell: str | None, numbers: NumberLayout) -> _Wrong:
    if cell is None:
        remedy = f"supply the {column.name}"
        return _Wrong(code="files.value-missing", found="the cell is empty", remedy=remedy)
    shown = f"`{cell[:60]}`"
    match column.kind:
        case "decimal" | "integer":
            return _about_number(column, cell, shown, numbers)
        case "date":
            forms = ", ".join(column.formats or _ISO_DATE)
            return _Wrong(
                code="files.not-a-date", found=f"{shown} is no date", remedy=f"write it as {forms}"
            )
        case "datetime":
            forms = ", ".join(column.formats or ("2024-01-31T18:00:00+0100",))
            zone = column.time_zone or "no declared time zone"
            return _Wrong(
                code="files.not-a-datetime",
                found=f"{shown} is no moment that {zone} has exactly once",
                remedy=f"write it as {forms}, and declare `time_zone` where it has no offset",
            )
        case _:
            words = ", ".join((*column.true_words, *column.false_words))
            return _Wrong(
                code="files.not-a-boolean",
                found=f"{shown} is neither yes nor no",
                remedy=f"valid are {words}",
            )


def _about_number(column: FileColumn, cell: str, shown: str, numbers: NumberLayout) -> _Wrong:
    frame = pl.DataFrame({"cell": [cell]}).select(
        plain=_plain(pl.col("cell").str.strip_chars(), numbers)
    )
    plain = frame["plain"][0]
    if plain is None:
        return _Wrong(
            code="files.not-a-number",
            found=f"{shown} is no number with the decimal mark `{numbers.decimal_mark}`",
            remedy="correct the cell, or declare how numbers are written in `numbers`",
        )
    if column.kind == "integer" and "." in plain:
        found = f"{shown} is no whole number"
        return _Wrong(code="files.not-a-number", found=found, remedy="declare it a decimal")
    decimals = len(plain.partition(".")[2].rstrip("0"))
    if decimals > _scale(column):
        return _Wrong(
            code="files.too-many-decimals",
            found=f"{shown} has {decimals} decimals",
            remedy=f"`scale` allows {_scale(column)}",
        )
    return _Wrong(
        code="files.number-too-large",
        found=f"{shown} has too many digits",
        remedy="check it for a misplaced decimal point",
    )
