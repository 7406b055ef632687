"""Check digits against identifiers that their standards and issuers published.

ISIN: ISO 6166 and its examples (Apple, Treasury Corporation of Victoria, BAE Systems). CUSIP: the
worked example of the CUSIP method (Apple) and issuers' own publications. SEDOL: the London Stock
Exchange's masterfile guide and examples (BAE Systems among them). LEI: the ISO 17442 worked
example, and GLEIF's entries. FIGI: the worked example of the Object Management Group's FIGI
standard (NRG92C84SB39), and Bloomberg's entries.
"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenuto.core.identifiers import (
    IdentifierKind,
    check_digits,
    identifier_problem,
    normalise,
)

PUBLISHED: list[tuple[IdentifierKind, str]] = [
    ("isin", "US0378331005"),
    ("isin", "AU0000XVGZA3"),
    ("isin", "GB0002634946"),
    ("isin", "DE0001102580"),
    ("cusip", "037833100"),
    ("cusip", "17275R102"),
    ("cusip", "38259P508"),
    ("cusip", "594918104"),
    ("cusip", "68389X105"),
    ("sedol", "0263494"),
    ("sedol", "B0WNLY7"),
    ("sedol", "7108899"),
    ("sedol", "B0YBKJ7"),
    ("sedol", "2282765"),
    ("lei", "54930084UKLVMY22DS16"),
    ("lei", "213800WSGIIZCXF1P572"),
    ("lei", "5493000IBP32UQZ0KL24"),
    ("figi", "NRG92C84SB39"),
    ("figi", "BBG000BLNQ16"),
    ("figi", "BBG000B9XRY4"),
]


@pytest.mark.parametrize(("kind", "value"), PUBLISHED)
def test_published_identifiers_are_right(kind: IdentifierKind, value: str) -> None:
    assert identifier_problem(kind, value) is None


@pytest.mark.parametrize(("kind", "value"), PUBLISHED)
def test_any_other_check_digit_is_wrong(kind: IdentifierKind, value: str) -> None:
    for digit in "0123456789":
        if digit != value[-1]:
            problem = identifier_problem(kind, value[:-1] + digit)
            assert problem is not None
            assert value[-1] in problem.rpartition(" ")[2]


@pytest.mark.parametrize("value", [value for kind, value in PUBLISHED if kind == "lei"])
def test_an_lei_with_two_neighbours_swapped_is_wrong(value: str) -> None:
    for place in range(17):
        swapped = value[:place] + value[place + 1] + value[place] + value[place + 2 :]
        if swapped != value:
            assert identifier_problem("lei", swapped) is not None


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("isin", ""),
        ("isin", "US037833100"),
        ("isin", "US03783310055"),
        ("isin", "U10378331005"),
        ("isin", "US037833100५"),
        ("cusip", "03783310"),
        ("cusip", "03783310A"),
        ("sedol", "A263494"),
        ("sedol", "BEWNLY7"),
        ("lei", "5493008!UKLVMY22DS16"),
        ("lei", "54930084UKLVMY22DSXX"),
        ("figi", "GBG000BLNQ16"),
        ("figi", "BBA000BLNQ16"),
        ("figi", "BBG000BLNA16"),
        ("isin", "US0378331005\n"),
    ],
)
def test_other_forms_are_told(kind: IdentifierKind, value: str) -> None:
    problem = identifier_problem(kind, value)
    assert problem is not None
    assert "form of an" in problem or "write" in problem


def test_how_it_should_be_written_is_told() -> None:
    assert identifier_problem("isin", "us 0378331005") == (
        "'us 0378331005' is not written as an ISIN; write 'US0378331005'"
    )


def test_normalising() -> None:
    assert normalise("isin", " us-0378331005 ") == "US0378331005"
    assert normalise("cusip", "37833100") == "037833100"
    assert normalise("sedol", "263494") == "0263494"
    assert normalise("sedol", "b0wnly7") == "B0WNLY7"
    assert normalise("lei", "5493 0084 UKLV MY22 DS16") == "54930084UKLVMY22DS16"


@given(st.text("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=18, max_size=18))
def test_a_completed_lei_leaves_the_remainder_one(body: str) -> None:
    whole = body + check_digits("lei", body)
    assert int("".join(str(int(each, 36)) for each in whole)) % 97 == 1
    assert identifier_problem("lei", whole) is None


@given(st.text("0123456789BCDFGHJKLMNPQRSTVWXYZ", min_size=6, max_size=6))
def test_a_completed_sedol_is_divisible_by_ten(body: str) -> None:
    whole = body + check_digits("sedol", body)
    weights = (1, 3, 1, 7, 3, 9, 1)
    assert sum(int(each, 36) * w for each, w in zip(whole, weights, strict=True)) % 10 == 0
    assert identifier_problem("sedol", whole) is None
