"""The break report, read back: its words and cells are the report's figures."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from atlas_recs import breaks, calm_report, dataset, rec_report, tables, write_offs
from report_files import HOSTILE, assert_harmless, book_of, charts_of, rows_of, text_of
from tenuto.packs.finance.reconciliation.models import RecReport
from tenuto.packs.finance.reconciliation.report import sheets as sheets_module
from tenuto.packs.finance.reconciliation.report.content import TEMPLATE, content
from tenuto.packs.finance.reconciliation.report.sheets import RecTables, sheets

SHA256 = "e" * 64


def words_of(report: RecReport, count: int = 60) -> dict[str, Any]:
    held = tables(count)
    return content(report, SHA256, held["breaks"], held["write_offs"])


def said_by(report: RecReport, count: int = 60) -> str:
    return text_of(TEMPLATE, words_of(report, count), report.date)


def written(folder: Path, report: RecReport, count: int = 60) -> Any:
    return book_of(folder, sheets(report, SHA256, RecTables(**tables(count))), report.date)


def test_ops_9_every_row_of_every_side_is_accounted_for() -> None:
    text = said_by(rec_report())
    assert "ours 2 rows carried from earlier, 1 row unreadable" in text
    assert "1,204,512 88,000,000.00 60 123,450.78 3 6.00 1,204,575 88,123,456.78 Yes" in text
    assert "do not add up" not in text


def test_a_side_that_does_not_add_up_is_called_so(tmp_path: Path) -> None:
    report = rec_report()
    first, second = report.sides
    short = first.model_copy(update={"matched": first.matched - 1})
    wrong = report.model_copy(update={"sides": (short, second)})
    assert "The rows or amounts of ours do not add up." in said_by(wrong)
    assert [row["Adds up"] for row in rows_of(written(tmp_path, wrong), "Sides")] == ["NO", "yes"]


def test_what_lessens_the_figures_is_said_on_the_cover() -> None:
    text = said_by(rec_report())
    for said in (
        "4 open breaks have no amount in EUR",
        "2 proofs do not hold.",
        "2 values could not be read",
        "Not compared, since a side does not have it: price.",
        "BREAKS OPEN",
        "1.2345 bp",
    ):
        assert said in text


def test_breaks_by_class_priority_and_age() -> None:
    said = words_of(rec_report())
    open_ones = breaks(60).filter(breaks(60)["status"] == "DETECTED")
    for row, bucket in zip(
        said["ages"]["rows"], ("0-1", "2-5", "6-10", "11-30", "30+"), strict=True
    ):
        held = open_ones.filter(open_ones["bucket"] == bucket)
        assert row["label"] == f"{bucket} days"
        assert row["text"].startswith(f"{held.height:,} ")
        assert {part["series"] for part in row["parts"]} == {
            ("critical", "high", "medium", "low").index(each) for each in held["priority"]
        }
    assert [each["name"] for each in said["ages"]["series"]] == [
        "Critical",
        "High",
        "Medium",
        "Low",
    ]


def test_the_biggest_breaks_with_both_values_and_owner() -> None:
    text = said_by(rec_report())
    assert "ours \u2212 theirs: \u22127" in text
    assert "Owner: nobody" in text
    assert "Owner: custody desk" in text
    assert "34 more open breaks, in the workbook." in text
    assert "missing 0.1234 bp of NAV" in text  # a break that cannot be converted


def test_ops_9_opening_new_and_resolved_make_the_closing_breaks() -> None:
    report = rec_report()
    roll = words_of(report)["roll"]
    assert [bar["text"] for bar in roll["chart"]["bars"]] == ["48", "+12", "\u22126", "54"]
    assert [bar["tone"] for bar in roll["chart"]["bars"]] == ["whole", "bad", "good", "whole"]
    assert not roll["chart"]["is_cut"]
    assert roll["warning"] is None
    wrong = report.roll.model_copy(update={"closing": 55})
    text = said_by(report.model_copy(update={"roll": wrong}))
    assert "Opening, new, and resolved breaks do not make the closing ones." in text


def test_proofs_say_whether_they_hold_the_open_ones_first() -> None:
    said = words_of(rec_report())["proofs"]["rows"]
    assert [row[5]["text"] for row in said] == ["No", "Missing", "Yes"]
    assert said[0][2:5] == ["1,000.00", "1,012.50", "12.50"]
    assert said[1][2:5] == ["missing", "100.00", "\u2013"]


def test_agreement_drill_down_causes_and_rules() -> None:
    text = said_by(rec_report())
    for said in (
        "One differs: custodian 17 items",
        "Two missing: only ours 2 items",
        "A-EUR NAV 1,000,000.12 999,990.12 10.00 9.50",
        "corporate-action US0378331005 2 1,234.50",
        "small-change Written off custody desk 30 Jun 2024 6 12.34",
        "tolerance Written off rules with its pass 3 0.06",
        "tolerance 4711-2 \u2013 USD 100.01 100.00 0.03",
    ):
        assert said in text


def test_nothing_to_report_is_said_and_not_left_blank(tmp_path: Path) -> None:
    text = said_by(calm_report(), 0)
    for said in (
        "NO OPEN BREAKS",
        "There are no open breaks.",
        "There was no earlier run",
        "Nothing was written off",
        "Nothing was given to prove",
        "No two open breaks share",
        "Nothing was resolved by a rule.",
        "not known",
    ):
        assert said in text
    for left_out in ("Open breaks by", "Three sides", "From the NAV down"):
        assert left_out not in text
    book = written(tmp_path, calm_report(), 0)
    assert rows_of(book, "Breaks") == []
    assert rows_of(book, "Summary")[9]["Value"] == "not known"


def test_more_write_offs_than_shown_are_counted() -> None:
    many = write_offs(40)
    report = rec_report(write_offs=dataset(many))
    said = content(report, SHA256, breaks(60), many)["write_offs"]
    assert len(said["rows"]) == 25
    assert said["rest"] == "15 more write-offs, in the workbook."
    assert said["rows"][0][6] == "0.40"


@pytest.mark.parametrize("name", HOSTILE, ids=lambda name: name[:12])
def test_a_hostile_name_does_no_harm(name: str, tmp_path: Path) -> None:
    report = rec_report(name=name)
    line = report.biggest[0].model_copy(update={"key": name, "owner": name, "ours": name})
    cause = report.root_causes[0].model_copy(update={"cause": name})
    report = report.model_copy(update={"biggest": (line,), "root_causes": (cause,)})
    assert "25,270.14" in said_by(report)
    held = tables(60)
    held["breaks"] = held["breaks"].with_columns(
        key=held["breaks"]["key"].replace(held["breaks"]["key"][0], name)
    )
    book = book_of(tmp_path, sheets(report, SHA256, RecTables(**held)), report.date)
    assert_harmless(book, tmp_path)


def test_every_break_is_in_the_workbook(tmp_path: Path) -> None:
    book = written(tmp_path, rec_report())
    rows = rows_of(book, "Breaks")
    assert [row["Break id"] for row in rows] == breaks(60)["break_id"].to_list()
    assert rows[3]["Variance base"] is None
    assert rows[0]["Is material"] == "yes"
    assert rows[4]["Variance base"] == float(breaks(60)["variance_base"][4])
    summary = {row["What"]: row["Value"] for row in rows_of(book, "Summary")}
    assert summary["Rows on sheet Breaks"] == "all 60"
    assert summary["Open breaks"] == 54
    assert rows_of(book, "Suggestions")[0]["Score"] == 91
    assert rows_of(book, "Exceptions")[0]["Found"] == "`1.2.3`"
    assert rows_of(book, "Proofs")[2]["Expected"] == "missing"


def test_a_sheet_that_is_cut_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets_module, "ROWS", 10)
    book = written(tmp_path, rec_report())
    assert len(rows_of(book, "Breaks")) == 10
    summary = {row["What"]: row["Value"] for row in rows_of(book, "Summary")}
    assert summary["Rows on sheet Breaks"] == "the first 10 of 60; the stored table has all"


def test_charts_are_drawn_from_the_cells(tmp_path: Path) -> None:
    written(tmp_path, rec_report())
    drawn = "".join(charts_of(tmp_path).values())
    for cells in ("Classes!$C$2:$C$5", "Priorities!$B$2:$B$5", "Matches!$D$2:$D$4"):
        assert cells in drawn
    (ages,) = [each for each in charts_of(tmp_path).values() if "Ages!" in each]
    assert 'grouping val="stacked"' in ages
    assert [f"Ages!${column}$2:${column}$6" in ages for column in "CDEF"] == [True] * 4


def test_magnitudes_are_exact() -> None:
    report = rec_report()
    worth = breaks(60).filter(breaks(60)["status"] == "DETECTED")["variance_base"].drop_nulls()
    assert report.open_amount == sum(map(abs, worth), Decimal(0))
    assert words_of(report)["cover"]["amount"] == "25,270.14"
