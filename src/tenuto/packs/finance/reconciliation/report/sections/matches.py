"""What matched, pass by pass, and what was written off within tolerance."""

from typing import Any

import polars as pl

from tenuto.activities.documents.bars import Bar, bars
from tenuto.activities.documents.figures import NO_VALUE, count, words
from tenuto.activities.documents.tables import column, number, rest_of, table
from tenuto.packs.finance.reconciliation.models import RecReport
from tenuto.packs.finance.reconciliation.report.sections.amounts import common_places, measure_text

SHOWN_WRITE_OFFS = 25


def passes(report: RecReport) -> dict[str, Any]:
    """A chart of matches, and one row per pass in the order they ran."""
    has_pairs = len(report.sides) > 2
    return {
        "chart": bars(
            [
                Bar(
                    label=f"{each.name} ({' : '.join(each.sides)})" if has_pairs else each.name,
                    parts=[each.matches],
                    text=count(each.matches, "match", "matches"),
                )
                for each in report.passes
            ],
            what="matches by pass",
        ),
        "table": table(
            [
                column("Pass", share=1),
                column("Kind"),
                column("Sides", share=1),
                number("Matches"),
                number("Ours"),
                number("Theirs"),
                number("Difference within tolerance"),
            ],
            [
                (
                    words(each.name),
                    words(each.kind),
                    words(" : ".join(each.sides)),
                    f"{each.matches:,}",
                    f"{each.ours:,}",
                    f"{each.theirs:,}",
                    measure_text(each.difference),
                )
                for each in report.passes
            ],
            empty="No pass ran.",
        ),
    }


def write_offs(report: RecReport, rows: pl.DataFrame) -> dict[str, Any]:
    """The largest differences within tolerance, of the measure."""
    largest = rows.sort(
        pl.col("difference").abs(), *_KEYS, descending=[True, *([False] * len(_KEYS))]
    ).head(SHOWN_WRITE_OFFS)
    places = common_places(value for name in _VALUES for value in largest[name])
    return table(
        [
            column("Pass", share=1),
            column("Account", share=1),
            column("Instrument", share=1),
            column("Ccy"),
            number("Ours"),
            number("Theirs"),
            number("Difference"),
        ],
        [
            (
                *(words(row[key]) if row[key] else NO_VALUE for key in _KEYS),
                *(measure_text(row[key], places) for key in _VALUES),
            )
            for row in largest.iter_rows(named=True)
        ],
        empty="Nothing was written off: every match is exact.",
        rest=rest_of(report.write_offs.rows, largest.height, "write-off", "write-offs"),
    )


_KEYS = ("pass", "account", "instrument", "currency")
_VALUES = ("ours", "theirs", "difference")
