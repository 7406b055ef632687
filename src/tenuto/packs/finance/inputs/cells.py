"""Text cells as typed values: every amount an exact decimal, every refusal a problem."""

from collections.abc import Iterator, Sequence

import polars as pl

from tenuto.core.currency import currency_problem
from tenuto.packs.finance.inputs.columns import Column
from tenuto.packs.finance.models import Problem

_DIGITS = 28
"""Significant digits of an amount: more is a misplaced point, and would not fit a product."""

_NUMBER = r"^[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)$"
_DATE = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
_INTEGER = r"^[0-9]{1,9}$"


def typed(
    file: str, cells: pl.DataFrame, columns: Sequence[Column]
) -> tuple[pl.DataFrame, list[Problem]]:
    """The table with `file, row` and typed columns, and what could not be typed.

    A cell with a problem becomes null, so that its row is still known to exist; so does every
    cell of a column that the file does not have.
    """
    stripped = cells.with_columns(pl.exclude("row").str.strip_chars())
    values = stripped.select(
        pl.lit(file).alias("file"),
        "row",
        *(
            _value(column, stripped)
            if column.name in cells.columns
            else pl.lit(None, column.dtype).alias(column.name)
            for column in columns
        ),
    )
    problems = [
        problem
        for column in columns
        if column.name in cells.columns
        for problem in _problems(file, column, stripped, values[column.name])
    ]
    return values, sorted(problems, key=lambda each: (each.row or 0, each.field or ""))


def _value(column: Column, cells: pl.DataFrame) -> pl.Expr:
    text = pl.when(pl.col(column.name) != "").then(pl.col(column.name))
    match column.kind:
        case "decimal":
            fits = text.str.contains(_NUMBER) & (_decimals(text) <= column.places)
            fits &= _integer_digits(text) <= _DIGITS - column.places
            value = pl.when(fits).then(text).cast(column.dtype)
        case "integer":
            value = pl.when(text.str.contains(_INTEGER)).then(text).cast(pl.Int64)
        case "date":
            day = pl.when(text.str.contains(_DATE)).then(text)
            value = day.str.strptime(pl.Date, "%Y-%m-%d", strict=False)
        case "choice":
            value = pl.when(text.is_in(column.choices)).then(text).cast(pl.String)
        case "currency":
            codes = cells[column.name].drop_nulls().unique()
            known = [code for code in codes if not currency_problem(code)]
            value = pl.when(text.is_in(known)).then(text).cast(pl.String)
        case "quoted":
            value = pl.when(text.str.contains(r"^[A-Z]{3}$")).then(text).cast(pl.String)
        case "text":
            value = text.cast(pl.String)
    return value.alias(column.name)


def _decimals(text: pl.Expr) -> pl.Expr:
    """Decimals that count: trailing zeros do not."""
    return text.str.extract(r"\.([0-9]*?)0*$").fill_null("").str.len_bytes()


def _integer_digits(text: pl.Expr) -> pl.Expr:
    return text.str.extract(r"^[+-]?0*([0-9]*)").fill_null("").str.len_bytes()


def _problems(
    file: str, column: Column, cells: pl.DataFrame, values: pl.Series
) -> Iterator[Problem]:
    text = cells[column.name]
    is_wrong = values.is_null() & text.is_not_null()
    if not column.is_required:
        is_wrong &= text != ""
    if not is_wrong.any():
        return
    for row, found in cells.filter(is_wrong).select("row", column.name).iter_rows():
        code, what, remedy = _diagnosis(column, found)
        yield Problem(code=code, file=file, row=row, field=column.name, found=what, remedy=remedy)


def _diagnosis(column: Column, found: str) -> tuple[str, str, str]:
    """Code, what is there, and what to do."""
    shown = f"`{found[:60]}`"
    if not found:
        return "table.value-missing", "the cell is empty", f"supply the {column.name}"
    match column.kind:
        case "decimal":
            return _about_number(column, found, shown)
        case "integer":
            return "table.not-a-number", f"{shown} is not a whole number", "write digits only"
        case "date":
            return "table.not-a-date", f"{shown} is not a date", "write it as YYYY-MM-DD"
        case "currency" | "quoted":
            return "table.unknown-currency", *_split(currency_problem(found) or shown)
        case _:
            valid = ", ".join(f"`{choice}`" for choice in column.choices)
            return "table.unknown-value", f"{shown} is not known here", f"valid are {valid}"


def _about_number(column: Column, found: str, shown: str) -> tuple[str, str, str]:
    plain = found.replace(",", "").replace("'", "").replace(" ", "")
    if not _is_number(found) and plain != found and _is_number(plain):
        what = f"{shown} has a thousands separator or a decimal comma"
        return "table.not-a-number", what, "write digits with a decimal point only"
    if not _is_number(found):
        return "table.not-a-number", f"{shown} is not a number", "write digits with a decimal point"
    decimals = len(found.partition(".")[2].rstrip("0"))
    if decimals > column.places:
        what = f"{shown} has {decimals} decimals"
        return "table.too-many-decimals", what, f"{column.name} takes at most {column.places}"
    return (
        "table.number-too-large",
        f"{shown} has too many digits",
        f"{column.name} takes at most {_DIGITS - column.places} before the point",
    )


def _is_number(text: str) -> bool:
    return bool(pl.Series([text]).str.contains(_NUMBER)[0])


def _split(problem: str) -> tuple[str, str]:
    """A sentence as the two clauses of a problem."""
    found, _, remedy = problem.partition("; ")
    return found[:1].lower() + found[1:], remedy.rstrip(".")
