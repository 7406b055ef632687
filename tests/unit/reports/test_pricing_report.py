"""The pricing report, read back: its words and cells are the report's figures."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from atlas_pricing import (
    DAY,
    decision,
    empty_report,
    instrument,
    override,
    price_exception,
    price_set,
    pricing_report,
)
from report_files import HOSTILE, assert_harmless, book_of, charts_of, rows_of, text_of
from tenuto.packs.finance.pricing.models import PricingReport
from tenuto.packs.finance.pricing.report.content import TEMPLATE, content
from tenuto.packs.finance.pricing.report.sheets import sheets

SHA256 = "e" * 64


def said_by(report: PricingReport) -> str:
    return text_of(TEMPLATE, content(report, SHA256), report.date)


def written(folder: Path, report: PricingReport, rows: int = 20) -> Any:
    return book_of(folder, sheets(report, SHA256, price_set(rows)), report.date)


def test_ops_6_cover_says_what_is_priced_and_what_is_not() -> None:
    text = said_by(pricing_report())
    for figure in ("19 of 20", "31 January 2024", "EOD-GLOBAL", "INCOMPLETE", "60 quotes"):
        assert figure in text
    assert "1 instrument has no price in this set." in text
    assert "4 exceptions have no answer" in text
    assert "A source of the waterfall 12,345 prices" in text


def test_an_exception_is_shown_with_findings_and_who_decided() -> None:
    accepted = decision(0, action="accept", price=Decimal("118.2300"), approver="m.okafor")
    report = pricing_report(raised=1, decisions=(accepted,))
    text = said_by(report)
    assert "EXCHANGE says 118.23 on 2024-01-31" in text
    assert "Change against its peer: Its peer US0000000001 moved +0.41%." in text
    assert "Accepted, 118.23" in text
    assert "a.berger, approved by m.okafor, 2024-01-31 17:05 UTC: Takeover bid" in text
    assert "a.berger, 2024-01-31 17:05 UTC: Called the desk, waiting." in text
    assert "For the committee, 1.25% held" in text
    assert "No answer" not in text


def test_a_challenged_vendor_is_no_answer_and_open_ones_come_first() -> None:
    asked = decision(0, action="challenge_vendor", price=None)
    settled = decision(1, action="accept")
    rows = content(pricing_report(raised=2, decisions=(settled, asked)), SHA256)["exceptions"][
        "table"
    ]["rows"]
    assert rows[0][3]["text"] == "No answer"
    assert rows[0][3]["notes"][0].startswith("Vendor challenged: a.berger")
    assert rows[1][3]["text"] == "Accepted, 118.23"


def test_a_missing_price_is_missing_and_never_zero(tmp_path: Path) -> None:
    report = pricing_report(raised=5)
    assert "Without a price Missing, and published as missing US0000000004" in said_by(report)
    row = content(report, SHA256)["exceptions"]["table"]["rows"][-1]
    assert row[2]["text"] == "no price"
    book = written(tmp_path, report)
    assert rows_of(book, "Exceptions")[4]["Proposed price"] == "missing"
    assert rows_of(book, "Missing") == [{"Instrument without a price": instrument(4)}]
    assert rows_of(book, "Prices")[4]["Price"] is None


def test_sources_levels_changes_and_overrides() -> None:
    text = said_by(pricing_report())
    for said in (
        "EXCHANGE exchange 20 19 95.0% 16 1 0 2 1 1 95.1%",
        "FORMER-VENDOR not in the policy 0 0 \u2013",
        "Level 3, inputs that cannot be observed 11 instruments, 0.88% of the portfolio",
        "US0000000003 Level 1 Level 3 EXCHANGE before, now override",
        "equity 100.00 61.00 \u221239.00%",
        "52.50 EUR instead of 49.75",
        "31 Jan 2024 7 Feb 2024",
        "Approved by m.okafor",
        "spread: 0.0085, desk; yield: 0.0312, curve EUR-GOV",
        "quotes-2024-01-31.csv",
        "0123456789abcdef" * 4,
        SHA256,
    ):
        assert said in text


def test_the_largest_changes_are_drawn_to_both_sides() -> None:
    chart = content(pricing_report(), SHA256)["changes"]["chart"]
    assert 0.4 < chart["zero"] < 0.6
    assert [row["text"] for row in chart["rows"][:2]] == ["+40.00%", "\u221239.00%"]
    assert [row["parts"][0]["falls"] for row in chart["rows"][:2]] == [False, True]


def test_an_empty_set_says_so_everywhere(tmp_path: Path) -> None:
    text = said_by(empty_report())
    for said in (
        "COMPLETE",
        "No price was questioned.",
        "No source sent a quote.",
        "No price has a level.",
        "There is no prior set",
        "No override is in force.",
        "Every price came from a source of the waterfall.",
    ):
        assert said in text
    assert "Without a price Missing" not in text
    book = written(tmp_path, empty_report(), rows=0)
    assert rows_of(book, "Prices") == []
    assert charts_of(tmp_path) == {}


def test_more_exceptions_than_a_pdf_should_hold_are_in_the_workbook(tmp_path: Path) -> None:
    report = pricing_report(count=300, raised=230)
    said = content(report, SHA256)["exceptions"]["table"]
    assert len(said["rows"]) == 200
    assert said["rest"] == "30 more exceptions, in the workbook."
    assert len(rows_of(written(tmp_path, report), "Exceptions")) == 230


@pytest.mark.parametrize("name", HOSTILE, ids=lambda name: name[:12])
def test_a_hostile_name_does_no_harm(name: str, tmp_path: Path) -> None:
    report = pricing_report(
        1,
        0,
        policy_name=name,
        missing=(name,),
        exceptions=(price_exception(0, name=name, owner=name),),
        decisions=(decision(0, by=name, reason=name),),
        overrides=(override(1, reason=name, by=name),),
    )
    text = said_by(report)
    assert "118.23 USD" in text
    assert_harmless(written(tmp_path, report), tmp_path)


def test_ops_6_every_price_is_in_the_workbook_with_all_its_digits(tmp_path: Path) -> None:
    book = written(tmp_path, pricing_report())
    rows = rows_of(book, "Prices")
    assert len(rows) == 20
    assert rows[0]["Price"] == 118.2312345678
    assert rows[0]["Flags"] == "own-change,peer"
    assert rows[0]["Received at, UTC"] == "2024-01-31 17:05:00"
    assert rows[0]["Price date"].date() == DAY
    assert rows[0]["Change"] == 0.18231235
    assert book["Prices"]["O2"].number_format == "0.000000%"
    summary = {row["What"]: row["Value"] for row in rows_of(book, "Summary")}
    assert summary["Priced"] == 19
    assert summary["Compared with"].date() == date(2024, 1, 30)
    assert summary["Report, SHA-256"] == SHA256
    assert rows_of(book, "Sources")[3]["Score"] is None
    assert rows_of(book, "Levels")[1]["Share of the portfolio"] == 0.3812


def test_charts_are_drawn_from_the_cells(tmp_path: Path) -> None:
    written(tmp_path, pricing_report())
    sources, levels, changes = charts_of(tmp_path).values()
    assert "Sources!$C$2:$C$5" in sources
    assert "Sources!$A$2:$A$5" in sources
    assert "Levels!$B$2:$B$4" in levels
    assert "Changes!$F$2:$F$21" in changes
