"""Charts of a report: what is drawn, where, and in words for whoever cannot see it."""

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl

from tenuto.activities.documents.bars import Bar, bars
from tenuto.activities.documents.figures import brief, words
from tenuto.activities.documents.pdf import render_pages
from tenuto.artifacts.store import ArtifactStore
from tenuto.core.errors import DataError
from tenuto.core.references import Dataset, Document
from tenuto.packs.reports.activities.axis import Axis, axis_over
from tenuto.packs.reports.definition import Chart
from tenuto.packs.reports.rendering.figures import Figures
from tenuto.packs.reports.rendering.missing import is_missing
from tenuto.packs.reports.rendering.rows import unknown

TEMPLATE = "packs/reports/template/picture.typ"
PPI = 233
"""Twice the pixels that the column of an e-mail shows, so that it stays sharp on a fine screen."""
_MOST_BARS = 30
_MOST_POINTS = 2_000
_LABEL_CHARS = 28


def drawn(
    chart: Chart, table: Dataset, store: ArtifactStore, figures: Figures, currency: str | None
) -> dict[str, Any]:
    """The chart as `template/charts.typ` sets it, with its alt text.

    Raises DataError `reports.chart-column` for a column that is not there or holds no numbers,
    and `reports.chart-too-large`.
    """
    pairs = _pairs(chart, table, store)
    say = _say(chart, figures, currency)
    made = (
        _bars(chart, pairs, table.rows, figures, say)
        if chart.kind == "bar"
        else _line(chart, pairs, figures, say)
    )
    return {"kind": chart.kind, "title": words(chart.title), **made}


def picture(chart: dict[str, Any], *, name: str, dated: date, store: ArtifactStore) -> Document:
    """The chart as PNG, stored as `<name>.png`."""
    (png,) = render_pages(TEMPLATE, {"chart": chart}, dated=dated, ppi=PPI)
    return store.put_bytes(png, name=f"{name}.png", media_type="image/png")


def _pairs(chart: Chart, table: Dataset, store: ArtifactStore) -> list[tuple[Any, Any]]:
    frame = store.scan_table(table)
    schema = frame.collect_schema()
    for column in (chart.label, chart.value):
        if column not in schema:
            raise DataError(
                f"Chart `{chart.name}`: {unknown(column, list(schema))}.",
                code="reports.chart-column",
            )
    has_numbers = schema[chart.value].is_numeric()
    if not has_numbers and frame.select(pl.col(chart.value).count()).collect().item():
        raise DataError(
            f"Chart `{chart.name}` draws `{chart.value}`, which is {schema[chart.value]}; draw a "
            "column of numbers, or cast it in the query.",
            code="reports.chart-column",
        )
    if chart.kind == "line" and table.rows > _MOST_POINTS:
        raise DataError(
            f"Chart `{chart.name}` would have {table.rows:,} points (limit {_MOST_POINTS:,}); "
            "group them in the query.",
            code="reports.chart-too-large",
        )
    most = _MOST_BARS if chart.kind == "bar" else _MOST_POINTS
    taken = frame.select(pl.col(chart.label).alias("label"), pl.col(chart.value).alias("value"))
    rows = taken.head(most).collect().iter_rows()
    return [(label, _exact(value)) for label, value in rows]


def _exact(value: Any) -> Decimal | None:
    if is_missing(value) or isinstance(value, str):
        return None
    number = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    return number if number.is_finite() else None


def _say(chart: Chart, figures: Figures, currency: str | None) -> Callable[[Any], str]:
    if chart.format == "percent":
        return lambda value: str(figures.percent(value))
    if chart.format == "currency" and currency:
        return lambda value: str(figures.currency(value))
    return lambda value: str(figures.number(value))


def _bars(
    chart: Chart,
    pairs: Sequence[tuple[Any, Decimal | None]],
    total: int,
    figures: Figures,
    say: Callable[[Any], str],
) -> dict[str, Any]:
    rows = [
        Bar(label=figures.text(label), parts=() if value is None else (value,), text=say(value))
        for label, value in pairs
    ]
    made = bars(rows, what=chart.title, longest=_LABEL_CHARS)
    left = total - len(pairs)
    rest = f"and {left:,} more" if left else ""
    if made is None:
        said = "; ".join(f"{brief(each.label, _LABEL_CHARS)}: {each.text}" for each in rows)
        alt = f"Bar chart: {chart.title}. {said or 'No rows.'}"
        return {"bars": None, "empty": _empty(pairs, figures), "alt": alt, "rest": rest}
    return {"bars": made, "alt": " ".join([made["alt"], rest]).strip(), "rest": rest}


def _line(
    chart: Chart,
    pairs: Sequence[tuple[Any, Decimal | None]],
    figures: Figures,
    say: Callable[[Any], str],
) -> dict[str, Any]:
    present = [value for _, value in pairs if value is not None]
    if not present:
        alt = f"Line chart: {chart.title}. {_empty(pairs, figures)}"
        return {"line": None, "empty": _empty(pairs, figures), "alt": alt, "rest": ""}
    axis = axis_over(min(present), max(present))
    gaps = len(pairs) - len(present)
    first, last = (
        next(p for p in pairs if p[1] is not None),
        next(p for p in reversed(pairs) if p[1] is not None),
    )
    alt = (
        f"Line chart: {chart.title}. From {say(first[1])} ({figures.text(first[0])}) to "
        f"{say(last[1])} ({figures.text(last[0])}); lowest {say(min(present))}, highest "
        f"{say(max(present))}" + (f"; {gaps} without a value." if gaps else ".")
    )
    return {
        "line": {
            "segments": _segments([value for _, value in pairs], axis),
            "ticks": [{"at": axis.place(each), "text": say(each)} for each in axis.ticks],
            "zero": axis.place(Decimal(0)) if axis.low <= 0 <= axis.high else None,
            "labels": _labels(pairs, figures),
        },
        "alt": alt,
        "rest": f"{gaps:,} without a value" if gaps else "",
    }


def _segments(values: Sequence[Decimal | None], axis: Axis) -> list[list[list[float]]]:
    """Runs of points that have a value: a gap stays a gap."""
    segments: list[list[list[float]]] = [[]]
    width = max(len(values) - 1, 1)
    for at, value in enumerate(values):
        if value is None:
            segments.append([])
        else:
            segments[-1].append([at / width, axis.place(value)])
    return [each for each in segments if each]


def _labels(pairs: Sequence[tuple[Any, Any]], figures: Figures) -> list[dict[str, Any]]:
    """At most five labels, the first and the last among them."""
    last = len(pairs) - 1
    count = min(5, len(pairs))
    places = sorted({round(each * last / max(count - 1, 1)) for each in range(count)})
    return [
        {"at": each / max(last, 1), "text": brief(figures.text(pairs[each][0]), 16)}
        for each in places
    ]


def _empty(pairs: Sequence[Any], figures: Figures) -> str:
    return f"No values: {figures.missing}." if pairs else "No rows."
