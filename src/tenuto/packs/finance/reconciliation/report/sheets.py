"""What stands on each sheet of the break report's workbook."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from tenuto.activities.documents.frames import Head, frame_sheets
from tenuto.activities.documents.workbook import DIGITS, Cell, Column, Sheet, SheetChart, sheet
from tenuto.core.references import Dataset
from tenuto.packs.finance.reconciliation.models import RecReport
from tenuto.packs.finance.reconciliation.report.sections.agreement import outcome_text
from tenuto.packs.finance.reconciliation.report.sections.breaks import PRIORITIES, counts_by_age
from tenuto.packs.finance.reconciliation.report.sections.cover import KINDS, adds_up, warned
from tenuto.packs.finance.reconciliation.report.sections.proofs import TITLES, verdict

ROWS = 100_000
"""Of breaks, at most; more make a workbook that no desk opens. The file of breaks has all."""
OTHER_ROWS = 50_000
"""Of every other table, at most."""

_WIDTHS = {"key": 44, "description": 36, "reason": 36, "explanation": 60, "remedy": 50, "found": 36}


@dataclass(frozen=True, kw_only=True)
class RecTables:
    """The tables of a report as far as its workbook shows them."""

    breaks: pl.DataFrame
    closed: pl.DataFrame
    write_offs: pl.DataFrame
    suggestions: pl.DataFrame
    exceptions: pl.DataFrame


def sheets(report: RecReport, report_sha256: str, tables: RecTables) -> Iterator[Sheet]:
    """All sheets, in order."""
    yield _summary(report, report_sha256, tables)
    yield _sides(report)
    yield _classes(report)
    yield _priorities(report)
    yield _ages(report, tables.breaks)
    yield from _frame("Breaks", tables.breaks, ROWS)
    yield from _frame("Closed", tables.closed, OTHER_ROWS)
    yield _roll_forward(report)
    yield _passes(report)
    yield from _frame("Write-offs", tables.write_offs, OTHER_ROWS)
    yield _proofs(report)
    yield _agreement(report)
    yield _drill_down(report)
    yield _root_causes(report)
    yield _auto_resolved(report)
    yield from _frame("Suggestions", tables.suggestions, OTHER_ROWS)
    yield from _frame("Exceptions", tables.exceptions, OTHER_ROWS)
    yield _inputs(report, report_sha256)


def _summary(report: RecReport, report_sha256: str, tables: RecTables) -> Sheet:
    base = report.base_currency
    rows: list[Sequence[Cell]] = [
        ("Reconciliation", report.name),
        ("Rules", report.rec_id),
        ("Kind", KINDS[report.kind]),
        ("Business date", report.date),
        ("Sides", ", ".join(each.side for each in report.sides)),
        ("Measured by", report.measure),
        ("Base currency", base),
        ("Open breaks", report.open_breaks),
        (f"Open amount, {base}", report.open_amount),
        ("Open, basis points of NAV", "not known" if report.open_bp is None else report.open_bp),
        (f"Open breaks without an amount in {base}", report.unconverted),
        ("Oldest break, dealing days", report.oldest_age),
        ("Values that could not be read", report.problems),
        *(("To know", said.replace("\u200b", "")) for said in warned(report)),
        *_shown(report, tables),
        ("Run", report.run_id),
        ("Rolled forward from", report.prior or "none: first run"),
        ("Report, SHA-256", report_sha256),
        ("Reconciled by", f"Tenuto {report.code_version}"),
        (
            "Digits",
            (
                f"A spreadsheet number keeps {DIGITS} digits. Where a value has more, a column "
                "marked (exact) to the right of the table has them all, as text."
            ),
        ),
    ]
    return sheet("Summary", [Column(head="What", width=34), Column(head="Value", width=80)], rows)


def _shown(report: RecReport, tables: RecTables) -> Iterator[Sequence[Cell]]:
    """How many rows of each table its sheet has."""
    for name, stored, frame, most in (
        ("Breaks", report.breaks, tables.breaks, ROWS),
        ("Closed", report.closed, tables.closed, OTHER_ROWS),
        ("Write-offs", report.write_offs, tables.write_offs, OTHER_ROWS),
        ("Suggestions", report.suggestions, tables.suggestions, OTHER_ROWS),
        ("Exceptions", report.exceptions, tables.exceptions, OTHER_ROWS),
    ):
        yield f"Rows on sheet {name}", _extent(stored, min(frame.height, most))


def _extent(stored: Dataset, shown: int) -> str:
    if stored.rows > shown:
        return f"the first {shown:,} of {stored.rows:,}; the stored table has all"
    return f"all {shown:,}"


def _frame(name: str, frame: pl.DataFrame, most: int) -> Iterator[Sheet]:
    heads = {
        key: Head(head=key.replace("_", " ").capitalize(), width=_WIDTHS.get(key, 16))
        for key in frame.columns
    }
    yield from frame_sheets(name, frame.head(most), heads)


def _sides(report: RecReport) -> Sheet:
    counts = ("All rows", "Matched", "In breaks", "Set aside", "Carried", "Unreadable")
    amounts = ("Amount", "Amount matched", "Amount in breaks", "Amount set aside")
    columns = [
        Column(head="Side"),
        *(Column(head=head, width=12) for head in counts),
        *(Column(head=head, width=20) for head in amounts),
        Column(head="Adds up", width=9),
        Column(head="Estimated", width=10),
        Column(head="Source, SHA-256", width=66),
    ]
    rows: list[Sequence[Cell]] = [
        (
            each.side,
            each.rows,
            each.matched,
            each.unmatched,
            each.excluded,
            each.carried,
            each.unreadable,
            each.amount,
            each.matched_amount,
            each.unmatched_amount,
            each.excluded_amount,
            "yes" if adds_up(each) else "NO",
            "yes" if each.is_estimated else "no",
            each.source.sha256 if each.source else "nothing was given",
        )
        for each in report.sides
    ]
    return sheet("Sides", columns, rows)


def _classes(report: RecReport) -> Sheet:
    columns = [
        Column(head="Class", width=22),
        Column(head="Category", width=18),
        Column(head="Open breaks"),
        Column(head=f"Amount, {report.base_currency}", width=20),
    ]
    rows = [
        (each.break_class, each.category, each.count, each.amount)
        for each in sorted(report.classes, key=lambda each: (-each.count, each.break_class))
    ]
    chart = SheetChart(title="Open breaks by class", labels=0, values=[2], rows=len(rows))
    return sheet("Classes", columns, rows, charts=[chart])


def _priorities(report: RecReport) -> Sheet:
    columns = [
        Column(head="Priority"),
        Column(head="Open breaks"),
        Column(head=f"Amount, {report.base_currency}", width=20),
    ]
    rows = [(each.priority, each.count, each.amount) for each in report.priorities]
    chart = SheetChart(title="Open breaks by priority", labels=0, values=[1], rows=len(rows))
    return sheet("Priorities", columns, rows, charts=[chart])


def _ages(report: RecReport, breaks: pl.DataFrame) -> Sheet:
    counted = counts_by_age(breaks)
    columns = [
        Column(head="Age, dealing days"),
        Column(head="Open breaks"),
        *(Column(head=each.capitalize(), width=10) for each in PRIORITIES),
        Column(head=f"Amount, {report.base_currency}", width=20),
    ]
    rows: list[Sequence[Cell]] = [
        (
            each.bucket,
            each.count,
            *(counted.get((each.bucket, priority), 0) for priority in PRIORITIES),
            each.amount,
        )
        for each in report.ages
    ]
    chart = SheetChart(
        title="Open breaks by age and priority",
        labels=0,
        values=range(2, 2 + len(PRIORITIES)),
        rows=len(rows),
        is_stacked=True,
    )
    return sheet("Ages", columns, rows, charts=[chart])


def _roll_forward(report: RecReport) -> Sheet:
    roll = report.roll
    rows: list[Sequence[Cell]] = [
        ("Previous run", roll.prior_date or "none"),
        ("Opening", roll.opening),
        ("New", roll.new),
        ("of these, back again", roll.returned),
        ("Resolved", roll.resolved),
        ("Closing", roll.closing),
        ("of these, unchanged", roll.confirmed),
        ("of these, with other values", roll.changed),
    ]
    columns = [Column(head="Breaks", width=30), Column(head="Number")]
    return sheet("Roll-forward", columns, rows)


def _passes(report: RecReport) -> Sheet:
    columns = [
        Column(head="Pass", width=22),
        Column(head="Kind", width=14),
        Column(head="Sides", width=26),
        Column(head="Matches"),
        Column(head="Items, ours"),
        Column(head="Items, theirs"),
        Column(head="Difference within tolerance", width=20),
    ]
    rows = [
        (
            each.name,
            each.kind,
            " : ".join(each.sides),
            each.matches,
            each.ours,
            each.theirs,
            each.difference,
        )
        for each in report.passes
    ]
    chart = SheetChart(title="Matches by pass", labels=0, values=[3], rows=len(rows))
    return sheet("Matches", columns, rows, charts=[chart])


def _proofs(report: RecReport) -> Sheet:
    columns = [
        Column(head="Proof", width=22),
        Column(head="Side"),
        Column(head="Subject", width=30),
        Column(head="Expected", width=20),
        Column(head="Found", width=20),
        Column(head="Difference", width=20),
        Column(head="Holds", width=10),
        Column(head="Note", width=60),
    ]
    rows = [
        (
            TITLES[each.kind],
            each.side,
            each.subject,
            "missing" if each.expected is None else each.expected,
            "missing" if each.found is None else each.found,
            each.difference,
            verdict(each),
            each.note or None,
        )
        for each in report.proofs
    ]
    return sheet("Proofs", columns, rows)


def _agreement(report: RecReport) -> Sheet:
    columns = [Column(head="Three sides", width=34), Column(head="Items")]
    rows = [(outcome_text(each), each.count) for each in report.agreement]
    chart = SheetChart(title="Agreement of three sides", labels=0, values=[1], rows=len(rows))
    return sheet("Three sides", columns, rows, charts=[chart])


def _drill_down(report: RecReport) -> Sheet:
    columns = [
        Column(head="Subject", width=30),
        Column(head="Level"),
        *(
            Column(head=head, width=22)
            for head in ("Ours", "Theirs", "Difference", "Explained one level down")
        ),
    ]
    rows = [
        (
            each.subject,
            each.level,
            "missing" if each.ours is None else each.ours,
            "missing" if each.theirs is None else each.theirs,
            each.difference,
            each.explained,
        )
        for each in report.drill_down
    ]
    return sheet("Drill-down", columns, rows)


def _root_causes(report: RecReport) -> Sheet:
    columns = [
        Column(head="Probable cause", width=44),
        Column(head="Breaks"),
        Column(head=f"Amount, {report.base_currency}", width=20),
        Column(head="Break ids, the first 100", width=60),
    ]
    rows = [
        (each.cause, each.count, each.amount, ", ".join(each.break_ids))
        for each in report.root_causes
    ]
    return sheet("Probable causes", columns, rows)


def _auto_resolved(report: RecReport) -> Sheet:
    columns = [
        Column(head="Rule", width=26),
        Column(head="Action", width=12),
        Column(head="Owner", width=20),
        Column(head="Rule ends", width=14),
        Column(head="Breaks"),
        Column(head=f"Amount, {report.base_currency}", width=20),
    ]
    rows = [
        (
            each.rule,
            each.action,
            each.owner,
            each.expires or "with its pass",
            each.count,
            each.amount,
        )
        for each in report.auto_resolved
    ]
    return sheet("Resolved by rules", columns, rows)


def _inputs(report: RecReport, report_sha256: str) -> Sheet:
    stored: Mapping[str, str] = {
        "report.json": report_sha256,
        "breaks.parquet": report.breaks.sha256,
        "matches": report.matches.sha256,
        "items": report.items.sha256,
    }
    columns = [Column(head="File", width=30), Column(head="SHA-256", width=70)]
    return sheet("Inputs", columns, [*sorted(report.inputs.items()), *stored.items()])
