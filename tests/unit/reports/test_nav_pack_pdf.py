"""The PDF, read back: its words equal the result's figures, for any size of fund."""

import io
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pypdf
import pytest

from atlas_nav import NO_PRIOR_MONTH, nav_result, positions
from tenuto.activities.documents.figures import STAND_IN, amount, words
from tenuto.activities.documents.pdf import render_pages, render_pdf
from tenuto.core.errors import DataError
from tenuto.packs.finance.nav.models import NavResult
from tenuto.packs.finance.nav.parts import Balance
from tenuto.packs.finance.nav.report.content import TEMPLATE, content

SHA256 = "e" * 64


def set_pdf(result: NavResult, count: int) -> bytes:
    return render_pdf(TEMPLATE, content(result, SHA256, positions(count)), dated=result.date)


def text_of(pdf: bytes) -> str:
    pages = pypdf.PdfReader(io.BytesIO(pdf)).pages
    return "\n".join(page.extract_text() for page in pages)


def rendered(count: int = 40, **options: Any) -> tuple[NavResult, str]:
    result = nav_result(positions(count), **options)
    return result, text_of(set_pdf(result, count))


def test_the_figures_in_the_pdf_are_the_results() -> None:
    result, text = rendered()
    for figure in (result.nav, result.gav, result.liabilities, result.positions_value):
        assert amount(figure) in text
    for each in result.classes:
        assert f"{each.nav_per_unit} {each.currency}" in text
        assert f"{amount(each.nav)} {each.currency}" in text
        assert amount(each.nav_base) in text
    assert result.movement is not None
    for label, part in (("Price", result.movement.price), ("Capital", result.movement.capital)):
        assert f"{label} {amount(part)}" in text
    for balance in result.balances:
        assert amount(balance.base_amount) in text
    for fee in result.accruals:
        assert amount(fee.total) in text
    for sha256 in result.inputs.values():
        assert sha256 in text
    assert SHA256 in text
    assert "-398" not in text  # figures carry a true minus sign


def test_fund_date_status_and_page_stand_on_every_page() -> None:
    result = nav_result(positions(40))
    pages = pypdf.PdfReader(io.BytesIO(set_pdf(result, 40))).pages
    assert len(pages) > 2
    for number, page in enumerate(pages, start=1):
        text = page.extract_text()
        assert result.fund_name in text
        assert "28 December 2022" in text
        assert "final" in text.lower()
        assert f"Page {number} of {len(pages)}" in text


def test_a_candidate_says_so() -> None:
    _, text = rendered(status="candidate")
    assert "CANDIDATE" in text
    assert "has not been released" in text
    assert "Candidate, not released" in text
    assert "FINAL" not in text


def test_a_missing_return_is_never_a_number() -> None:
    result, text = rendered(classes=5)
    assert " 0.00%" not in text
    assert text.count("missing") >= 8
    assert f"missing: {NO_PRIOR_MONTH}" in text  # the reason, once for all classes
    assert text.count(NO_PRIOR_MONTH) == 1
    assert "2 missing: Launched on this day." in text
    assert result.classes[4].performance.daily.value is None


def test_checks_say_their_outcome_in_words_with_comments() -> None:
    _, text = rendered()
    assert "1 breach" in text
    assert "2 pass" in text
    assert "0.03001%" in text  # not rounded to its limit, 0.03%
    assert "Administrator 101.2041, ours 101.2345." in text
    assert "(m.okafor, 2022-12-28 17:20 UTC)" in text
    assert "No benchmark file was given." in text
    assert "Trading was suspended on the exchange." in text


def test_the_largest_positions_and_how_many_more() -> None:
    frame = positions(40)
    result, text = rendered(40)
    largest = frame["base_value"].abs().max()
    assert amount(Decimal(str(largest)).quantize(Decimal("0.01"))) in text
    assert "25 more positions, in the workbook" in text
    assert f"All positions {amount(result.positions_value)}" in text


@pytest.mark.parametrize("count", [0, 1, 15, 16, 10_000])
@pytest.mark.parametrize("classes", [1, 12])
def test_any_number_of_positions_and_classes(count: int, classes: int) -> None:
    result, text = rendered(count, classes=classes)
    assert amount(result.nav) in text
    assert all(each.class_id in text for each in result.classes)
    more = count - 15
    assert ("The fund holds no positions." in text) == (count == 0)
    assert (f"{more:,} more position" in text) == (more > 0)


def test_a_first_strike_has_no_movement() -> None:
    _, text = rendered(is_first=True)
    assert "no prior NAV to explain a movement from" in text
    assert "First strike" in text


def test_a_fund_without_fees_checks_fx_and_balances() -> None:
    empty = {"balances": (), "accruals": (), "fx": (), "checks": (), "carried_prices": ()}
    value = Decimal("100.00")
    moved = nav_result(positions(0)).model_copy(
        update=empty
        | {"positions_value": value, "gav": value, "nav": value, "liabilities": value * 0}
    )
    text = text_of(set_pdf(moved, 0))
    for said in ("There are no balances", "No fees accrue", "nothing was checked", "No foreign"):
        assert said in text
    assert "Not itemised" not in text


def test_lines_that_do_not_add_up_are_shown_not_hidden() -> None:
    result = nav_result(positions(3))
    cash = Balance(kind="cash", reference="x", currency="EUR", amount=1, base_amount=1)
    text = text_of(set_pdf(result.model_copy(update={"balances": (cash,)}), 3))
    assert f"Not itemised {amount(result.gav - result.positions_value - 1)}" in text


def test_many_balances_are_summed_beyond_the_largest() -> None:
    balances = tuple(
        Balance(
            kind="trade",
            reference=f"T-{i}",
            currency="EUR",
            amount=Decimal(i),
            base_amount=Decimal(i),
        )
        for i in range(100)
    )
    text = text_of(set_pdf(nav_result(positions(1), balances=balances), 1))
    assert "T-99" in text
    assert "T-69" not in text
    assert f"70 more balances in the workbook {sum(range(70)):,}.00" in text
    assert f"All balances {sum(range(100)):,}.00" in text


def test_names_cannot_write_markup() -> None:
    nasty = '#panic("x") *bold* $1/0$ <label> @ref // \\ "quoted"'
    _, text = rendered(fund_name=nasty)
    assert nasty in text.replace("\n", " ")


def test_what_the_fonts_lack_is_marked_and_explained() -> None:
    _, text = rendered(fund_name="中国 Growth Fund")
    assert f"{STAND_IN}{STAND_IN} Growth Fund" in text
    assert "the workbook shows it" in text
    _, plain = rendered()
    assert "the workbook shows it" not in plain


def test_every_character_that_is_let_through_can_be_shown() -> None:
    """PDF/A refuses to be written with a glyph that its fonts do not have."""
    everything = [chr(code) for code in range(0x20, 0x2FFF)]
    shown = [each for each in everything if words(f"a{each}a").replace("\u200b", "") == f"a{each}a"]
    assert len(shown) > 1200
    names = {f"{i:04}": "".join(shown[i : i + 20]) for i in range(0, len(shown), 20)}
    result = nav_result(positions(1), inputs=dict.fromkeys(names.values(), "a" * 64))
    text = text_of(set_pdf(result, 1))
    assert "\u20ac" in text


def test_the_pdf_is_archivable_accessible_and_without_a_clock() -> None:
    reader = pypdf.PdfReader(io.BytesIO(set_pdf(nav_result(positions(3)), 3)))
    assert reader.metadata is not None
    midnight = datetime(2022, 12, 28, tzinfo=UTC)
    assert reader.metadata.creation_date == midnight
    assert reader.metadata.modification_date == midnight
    packet = str(reader.trailer["/Root"]["/Metadata"].get_data())  # type: ignore[index]
    assert "pdfaid" in packet
    assert "pdfuaid" in packet
    assert "Atlas Global Equity Fund" in packet


def test_only_typsts_own_fonts_are_used() -> None:
    reader = pypdf.PdfReader(io.BytesIO(set_pdf(nav_result(positions(3)), 3)))
    fonts = {
        font.get_object()["/BaseFont"].split("+")[1].split("-")[0]
        for page in reader.pages
        for font in page["/Resources"]["/Font"].values()  # type: ignore[index]
    }
    assert fonts <= {"LibertinusSerif", "DejaVuSansMono", "NewCM10"}


def test_the_pages_can_be_looked_at() -> None:
    result = nav_result(positions(3))
    pages = render_pages(TEMPLATE, content(result, SHA256, positions(3)), dated=result.date, ppi=20)
    assert len(pages) >= 2
    assert all(page.startswith(b"\x89PNG") for page in pages)


def test_content_that_cannot_be_set_is_an_error() -> None:
    with pytest.raises(DataError) as wrong:
        render_pdf(TEMPLATE, {"cover": {}}, dated=date(2022, 12, 28))
    assert wrong.value.code == "report.pdf-failed"
