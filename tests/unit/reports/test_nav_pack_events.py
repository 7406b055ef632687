"""What only some funds have: shown where it is, and nowhere else."""

from decimal import Decimal
from pathlib import Path

from atlas_nav import eventful, nav_result, positions
from report_files import book_of, charts_of, rows_of, text_of
from tenuto.packs.finance.nav.models import NavResult
from tenuto.packs.finance.nav.report.content import TEMPLATE, content
from tenuto.packs.finance.nav.report.sections.exposure import by_currency
from tenuto.packs.finance.nav.report.sheets import sheets

SHA256 = "e" * 64
FRAME = positions(40)
SHEETS = {
    "Dealing",
    "Performance fees",
    "Hedges",
    "Corporate actions",
    "Expected NAV",
    "Proof",
}


def said_by(result: NavResult) -> str:
    return text_of(TEMPLATE, content(result, SHA256, FRAME), result.date)


def test_ops_12_dealing_fees_hedges_and_actions_are_shown() -> None:
    text = said_by(eventful(FRAME))
    for said in (
        "Swung by +0.25%",
        "Swings beyond a flow of 2.00%",
        "m.okafor instead of 0.50%: Half was known before.",
        "Levy on subscriptions",
        "0.15% of each deal",
        "20% 98.123456789012",
        "2 open contracts",
        "995,000.00 USD \u22121,234.56 \u2212210.00",
        "1,000 and 250.5 US9999999999",
        "missing 500 125.00 EUR income",
    ):
        assert said in text


def test_ops_12_expected_nav_proof_and_sign_off_are_shown() -> None:
    result = eventful(FRAME)
    text = said_by(result)
    for said in (
        "\u2212398,000.12345678",
        "Estimated, having no price today: US0000000004, US0000000009.",
        "by DuckDB 2.0.0: 40 positions",
        "NAV 56,476,837.47 56,476,837.47 0.00",
        "Accepted by m.okafor, 2022-12-28 18:00 UTC: Seen with the administrator.",
    ):
        assert said in text
    assert "0123456789abcdef" * 4 in text.replace(" ", "")


def test_older_results_have_none_of_it(tmp_path: Path) -> None:
    text = said_by(nav_result(FRAME))
    for section in ("Dealing", "Performance fees", "Hedged classes", "Expected NAV", "Proof"):
        assert section not in text
    book = book_of(tmp_path, sheets(nav_result(FRAME), SHA256, FRAME), nav_result(FRAME).date)
    assert not SHEETS & set(book.sheetnames)


def test_an_estimate_says_that_nobody_has_accepted_it() -> None:
    text = said_by(eventful(FRAME, status="estimate", acceptance=None))
    assert "ESTIMATE" in text
    assert "nobody has accepted it yet" in text
    assert "Accepted by" not in text


def test_exposures_make_the_gross_asset_value() -> None:
    result = nav_result(FRAME)
    found = by_currency(result, FRAME)
    assert sum((value for _, value in found), Decimal(0)) == result.gav
    assert [currency for currency, _ in found] == ["EUR", "USD"]


def test_many_currencies_are_summed_beyond_the_largest() -> None:
    result = nav_result(FRAME)
    cash = result.balances[0]
    many = tuple(
        cash.model_copy(update={"currency": each, "base_amount": Decimal(100 + i)})
        for i, each in enumerate(
            ("AUD", "BRL", "CAD", "CHF", "CNY", "CZK", "DKK", "GBP", "HKD", "HUF", "INR", "JPY")
        )
    )
    chart = content(result.model_copy(update={"balances": many}), SHA256, FRAME)["exposure"]
    assert len(chart["rows"]) == 13
    assert chart["rows"][-1]["label"] == "2 others"
    assert chart["rows"][-1]["text"].startswith("201.00 ")


def test_many_checks_have_an_overview_by_rule() -> None:
    result = nav_result(FRAME)
    assert content(result, SHA256, FRAME)["checks"]["chart"] is None
    odd = result.checks[0].model_copy(update={"rule": "a-rule-to-come"})
    many = result.model_copy(update={"checks": (*result.checks * 2, odd)})
    rows = content(many, SHA256, FRAME)["checks"]["chart"]["rows"]
    assert [row["label"] for row in rows][-1] == "a-rule-to-come"
    assert [row["text"] for row in rows] == ["2", "2", "2", "2", "2", "1"]


def test_events_and_charts_are_in_the_workbook(tmp_path: Path) -> None:
    result = eventful(FRAME)
    book = book_of(tmp_path, sheets(result, SHA256, FRAME), result.date)
    assert set(book.sheetnames) >= SHEETS
    assert rows_of(book, "Corporate actions")[1]["Entitled"] == "missing"
    assert rows_of(book, "Dealing")[0]["Swing"] == 0.0025
    assert rows_of(book, "Dealing")[1]["Swing"] is None
    proof = rows_of(book, "Proof")
    assert proof[-1]["Struck"] == 40
    exposure, movement = charts_of(tmp_path).values()
    assert "Exposure!$B$2:$B$3" in exposure
    assert "Movement!$B$3:$B$8" in movement  # the causes, not the levels
