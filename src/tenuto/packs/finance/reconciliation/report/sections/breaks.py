"""Open breaks by class, priority, and age, and the ones that are worth most."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, get_args

import polars as pl

from tenuto.activities.documents.bars import Bar, Series, Tone, bars
from tenuto.activities.documents.figures import count, short_day, trimmed, words
from tenuto.activities.documents.tables import Cell, cell, column, rest_of, table
from tenuto.packs.finance.reconciliation.models import BreakLine, Priority, RecReport
from tenuto.packs.finance.reconciliation.report.sections.amounts import base_text, measure_text

PRIORITIES: tuple[Priority, ...] = get_args(Priority)

_TONES: Mapping[Priority, Tone] = {
    "critical": "bad",
    "high": "warn",
    "medium": "accent",
    "low": "light",
}


def kinds(report: RecReport) -> dict[str, Any]:
    """A chart of classes and one of priorities; both None without open breaks."""
    classes = sorted(report.classes, key=lambda each: (-each.count, each.break_class))
    return {
        "classes": bars(
            [
                Bar(
                    label=class_text(each.break_class),
                    parts=[each.count],
                    text=_counted(each.count, each.amount, report),
                )
                for each in classes
            ],
            what="open breaks by class",
        ),
        "priorities": bars(
            [
                Bar(
                    label=each.priority.capitalize(),
                    parts=[each.count],
                    text=_counted(each.count, each.amount, report),
                )
                for each in report.priorities
            ],
            what="open breaks by priority",
        ),
    }


def ages(report: RecReport, breaks: pl.DataFrame) -> dict[str, Any] | None:
    """A chart of age buckets in parts by priority; None without open breaks."""
    counted = counts_by_age(breaks)
    return bars(
        [
            Bar(
                label=f"{each.bucket} days",
                parts=[counted.get((each.bucket, priority), 0) for priority in PRIORITIES],
                text=_counted(each.count, each.amount, report),
            )
            for each in report.ages
        ],
        what="open breaks by age in dealing days, each bar in parts by priority",
        series=[Series(name=each.capitalize(), tone=_TONES[each]) for each in PRIORITIES],
    )


def counts_by_age(breaks: pl.DataFrame) -> dict[tuple[str, str], int]:
    """Open breaks by bucket and priority."""
    is_open = breaks.filter(pl.col("status") == "DETECTED")
    counted = is_open.group_by("bucket", "priority").len()
    return {(bucket, priority): n for bucket, priority, n in counted.iter_rows()}


def biggest(report: RecReport) -> dict[str, Any]:
    """The breaks that are worth most, those of unknown worth first."""
    return table(
        [
            column("Break", share=4),
            column("Class", share=2),
            column("Ours, theirs", share=3, is_number=True),
            column(f"Worth, {report.base_currency}", share=2, is_number=True),
            column("Age", share=2),
            column("Priority", share=1),
        ],
        [_line(each, report) for each in report.biggest],
        empty="There are no open breaks.",
        rest=rest_of(report.open_breaks, len(report.biggest), "open break", "open breaks"),
    )


def class_text(break_class: str) -> str:
    """`missing-theirs` as `Missing theirs`."""
    return break_class.replace("-", " ").capitalize()


def _line(each: BreakLine, report: RecReport) -> list[Cell]:
    bp = "" if each.bp_of_nav is None else f"{trimmed(each.bp_of_nav)} bp of NAV"
    owner = words(each.owner) or "nobody"
    return [
        cell(words(each.key), words(each.break_id), f"Owner: {owner}"),
        cell(class_text(each.break_class), words(each.field.replace("_", " "))),
        cell(
            words(each.ours) or "missing",
            words(each.theirs) or "missing",
            f"ours \u2212 theirs: {measure_text(each.variance)}",
        ),
        cell(base_text(each.variance_base, report), bp, is_strong=True),
        cell(count(each.age, "day", "days"), f"since {short_day(each.first_seen)}", each.outcome),
        each.priority,
    ]


def _counted(number_of: int, amount: Decimal, report: RecReport) -> str:
    if not number_of:
        return "0"
    return f"{number_of:,}  \u00b7  {base_text(amount, report)} {report.base_currency}"
