"""The workbook, read back: real numbers, equal to the result's, and nothing lost beyond them."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import openpyxl  # type: ignore[import-untyped]
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from atlas_nav import DAY, NO_PRIOR_MONTH, PRIOR, nav_result, positions
from tenuto.activities.documents import frames
from tenuto.activities.documents.workbook import (
    Column,
    Sheet,
    is_beyond_a_double,
    sheet,
    write_workbook,
)
from tenuto.packs.finance.nav.models import NavResult
from tenuto.packs.finance.nav.report.sheets import sheets

SHA256 = "e" * 64
NAMES = [
    "Summary",
    "Classes",
    "Positions",
    "Exposure",
    "Balances",
    "Fees",
    "FX",
    "Checks",
    "Movement",
    "Carried prices",
    "Inputs",
]

Rows = list[dict[str, Any]]


def quiet(_: str) -> None:
    """No engine is told."""


@pytest.fixture
def workbook(tmp_path: Path) -> Callable[..., Any]:
    def write(result: NavResult, frame: pl.DataFrame, name: str = "pack.xlsx") -> Any:
        path = tmp_path / name
        write_workbook(
            path, sheets(result, SHA256, frame), title="Atlas", dated=result.date, beat=quiet
        )
        return openpyxl.load_workbook(path)

    return write


def table(book: Any, name: str) -> Rows:
    head, *rows = book[name].iter_rows(values_only=True)
    return [dict(zip(head, row, strict=True)) for row in rows]


def one_sheet(tmp_path: Path, made: Sheet) -> Any:
    write_workbook(tmp_path / "x.xlsx", [made], title="t", dated=DAY, beat=quiet)
    return openpyxl.load_workbook(tmp_path / "x.xlsx")[made.name]


def same(cell: Any, value: Decimal) -> bool:
    """Whether the cell is a number, and the one that is nearest to `value`."""
    return isinstance(cell, int | float) and float(cell) == float(value)


def test_the_sheets_and_the_summary(workbook: Callable[..., Any]) -> None:
    result = nav_result(positions(20))
    book = workbook(result, positions(20))
    assert book.sheetnames == NAMES
    summary = {row["What"]: row["Value"] for row in table(book, "Summary")}
    assert same(summary["Net asset value, EUR"], result.nav)
    assert same(summary["Accrued fees, EUR"], result.liabilities)
    assert summary["Valuation date"] == datetime(2022, 12, 28)  # noqa: DTZ001 (openpyxl's form)
    assert summary["Status"] == "FINAL"
    assert summary["NAV result, SHA-256"] == SHA256


def test_class_figures_are_numbers_equal_to_the_results(workbook: Callable[..., Any]) -> None:
    result = nav_result(positions(20), classes=5)
    rows = table(workbook(result, positions(20)), "Classes")
    assert len(rows) == 5
    for row, each in zip(rows, result.classes, strict=True):
        assert row["Class"] == each.class_id
        assert same(row["NAV per unit"], each.nav_per_unit)
        assert same(row["NAV, EUR"], each.nav_base)
        assert same(row["Units"], each.units)
        assert Decimal(row["Total-return index (exact)"]) == each.index
        assert Decimal(row["Weight in result (exact)"]) == each.weight
    assert same(rows[0]["Day"], Decimal("-0.0123456789"))
    assert rows[0]["Day: from"].date() == PRIOR
    assert rows[0]["Month to date"] == "missing"
    assert rows[0]["Why returns are missing"] == f"Month to date: {NO_PRIOR_MONTH}"
    assert [rows[4][name] for name in ("Day", "Year to date", "Since launch")] == ["missing"] * 3


def test_every_position_is_there_with_numbers_and_formats(workbook: Callable[..., Any]) -> None:
    frame = positions(500)
    page = workbook(nav_result(frame), frame)["Positions"]
    rows = list(page.iter_rows(min_row=2, values_only=True))
    assert len(rows) == 500
    for row, expected in zip(rows, frame.iter_rows(), strict=True):
        for cell, value in zip(row, expected, strict=False):
            if isinstance(value, Decimal):
                assert same(cell, value)
            elif isinstance(value, date):
                assert cell.date() == value
            else:
                assert cell == value
    total = sum((Decimal(str(row[10])) for row in rows), Decimal(0))
    assert total == nav_result(frame).positions_value  # Excel's SUM starts from the same numbers
    assert page["K2"].number_format == "#,##0.00"
    assert page["F2"].number_format == "yyyy-mm-dd"
    assert page["D2"].data_type == "n"
    assert page.freeze_panes == "A2"


def test_balances_fees_fx_checks_and_movement(workbook: Callable[..., Any]) -> None:
    result = nav_result(positions(3))
    book = workbook(result, positions(3))
    for row, balance in zip(table(book, "Balances"), result.balances, strict=True):
        assert row["Reference"] == balance.reference
        assert same(row["Amount"], balance.amount)
        assert same(row["Amount, EUR"], balance.base_amount)
    for row, fee in zip(table(book, "Fees"), result.accruals, strict=True):
        assert same(row["Accrued, EUR"], fee.amount)
        assert same(row["Owed now, EUR"], fee.total)
        assert (row["Yearly rate"] is None) == (fee.rate is None)
    assert [row["buys"] for row in table(book, "FX")] == [1.0644, 142.21]
    outcomes = {row["Rule"]: row for row in table(book, "Checks")}
    assert outcomes["benchmark-multiple"]["Value"] == "missing"
    assert same(outcomes["administrator-variance"]["Value"], Decimal("0.0003001"))
    assert "Seen and agreed. (m.okafor" in outcomes["administrator-variance"]["Comments"]
    assert result.movement is not None
    amounts = [row["Amount, EUR"] for row in table(book, "Movement")]
    assert same(amounts[0], result.movement.opening)
    assert same(amounts[-1], result.movement.closing)
    assert sum(map(_decimal, amounts[:7]), Decimal(0)) == result.movement.closing
    assert table(book, "Carried prices")[0]["By"] == "a.berger"
    assert {row["File"]: row["SHA-256"] for row in table(book, "Inputs")}["cash"] == "d" * 64


def _decimal(cell: Any) -> Decimal:
    return Decimal(str(cell))


def test_a_first_strike_has_no_movement(workbook: Callable[..., Any]) -> None:
    book = workbook(nav_result(positions(3), is_first=True), positions(3))
    assert "First strike" in table(book, "Movement")[0]["Cause"]
    summary = {row["What"]: row["Value"] for row in table(book, "Summary")}
    assert summary["Prior NAV"] == "none: first strike"


NUMBERS = st.decimals(
    allow_nan=False, allow_infinity=False, min_value=-(10**25), max_value=10**25, places=12
)


@given(st.lists(NUMBERS, min_size=1, max_size=20))
def test_which_columns_need_exact_ones_is_found_alike_in_rows_and_columns(
    values: list[Decimal],
) -> None:
    column = pl.Series(values, dtype=pl.Decimal(38, 12))
    found = frames.is_any_beyond_a_double(column)
    assert found == any(is_beyond_a_double(value) for value in values)


@pytest.mark.parametrize(
    ("number", "is_beyond"),
    [
        ("999999999999999", False),
        ("9999999999999990000", True),
        ("1234567890123456", True),
        ("-12345678901.2345", False),
        ("0.1234567890123456", True),
        ("1.500000000000000000", False),
        ("0", False),
    ],
)
def test_fifteen_digits_fit(number: str, is_beyond: bool) -> None:
    assert is_beyond_a_double(Decimal(number)) == is_beyond


def test_an_exact_column_stands_to_the_right_and_holds_what_needs_it(tmp_path: Path) -> None:
    big, small = Decimal("12345678901234567890.123456"), Decimal("1.5")
    columns = [Column(head="A"), Column(head="B"), Column(head="C")]
    page = one_sheet(tmp_path, sheet("S", columns, [("x", big, small), ("y", small, small)]))
    head, first, second = page.iter_rows(values_only=True)
    assert head == ("A", "B", "C", "B (exact)")
    assert first == ("x", pytest.approx(float(big)), 1.5, "12345678901234567890.123456")
    assert second == ("y", 1.5, 1.5, None)


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+A1",
        "@SUM(A1)",
        "http://evil.example/",
        "00123",
        "1e5",
        "<r><t>not markup</t></r>",
        "</t></is></c>",
        "a\x00b\x0bc",
        "\ud7ff\ufffd",
        " leading and trailing ",
    ],
)
def test_a_text_stays_a_text(text: str, tmp_path: Path) -> None:
    cell = one_sheet(tmp_path, sheet("S", [Column(head="A")], [(text,)]))["A2"]
    assert cell.data_type in ("s", "inlineStr")
    assert cell.hyperlink is None
    assert openpyxl.utils.escape.unescape(cell.value).strip() == text.strip()


def test_a_text_that_no_cell_can_hold_is_cut_and_says_so(tmp_path: Path) -> None:
    text = "\U0001f4c8" * 40_000
    cell = one_sheet(tmp_path, sheet("S", [Column(head="A")], [(text,)]))["A2"].value
    assert cell.endswith("[40,000 characters, in full in the stored result]")
    assert cell.startswith("\U0001f4c8" * 1000)
    assert len(cell.encode("utf-16-le")) / 2 < 32_767


def test_more_positions_than_a_sheet_holds_go_on_to_the_next(
    workbook: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(frames, "ROWS_PER_SHEET", 4)
    frame = positions(10)
    book = workbook(nav_result(frame), frame)
    pages = [name for name in book.sheetnames if name.startswith("Positions")]
    assert pages == ["Positions", "Positions 2", "Positions 3"]
    ids = [row["Instrument"] for name in pages for row in table(book, name)]
    assert ids == frame["instrument_id"].to_list()


def test_a_fund_without_positions_has_an_empty_sheet(workbook: Callable[..., Any]) -> None:
    book = workbook(nav_result(positions(0)), positions(0))
    assert book.sheetnames == NAMES
    assert table(book, "Positions") == []


def test_the_engine_hears_of_long_writing(tmp_path: Path) -> None:
    heard: list[str] = []
    rows = [(Decimal(i),) for i in range(10_001)]
    made = sheet("S", [Column(head="A")], rows)
    write_workbook(tmp_path / "x.xlsx", [made], title="t", dated=DAY, beat=heard.append)
    assert heard == ["S: 5,000 rows", "S: 10,000 rows"]


def test_the_workbook_has_no_clock_in_it(workbook: Callable[..., Any], tmp_path: Path) -> None:
    frame = positions(20)
    book = workbook(nav_result(frame), frame)
    assert book.properties.created.replace(tzinfo=UTC) == datetime(2022, 12, 28, tzinfo=UTC)
    with ZipFile(tmp_path / "pack.xlsx") as archive:
        assert {each.date_time[0] for each in archive.infolist()} == {1980}
    workbook(nav_result(frame), frame, "again.xlsx")
    assert (tmp_path / "pack.xlsx").read_bytes() == (tmp_path / "again.xlsx").read_bytes()
