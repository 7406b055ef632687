"""Who signs a NAV off: by fund and amount, at the boundary and beside it, and until when."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from tenuto.packs.finance.nav.sign_off import is_nobody_or_person
from tenuto.packs.finance.sign_off import APPROVERS, TWO_ABOVE, SignOff, SignOffRoute


@pytest.mark.parametrize(
    ("nav", "need"),
    [
        ("-1.00", 1),
        ("0", 1),
        ("99999999.99", 1),
        ("100000000.00", 1),
        ("100000000.01", 2),
        ("250000000", 2),
    ],
)
def test_ops_4_two_people_above_a_hundred_million_and_one_on_it(nav: str, need: int) -> None:
    route = SignOff().route_for(Decimal(nav))
    assert (route.need, route.candidates) == (need, (APPROVERS,))


def test_ops_4_each_fund_has_its_own_routes() -> None:
    rules = SignOff(
        routes=(
            SignOffRoute(candidates=("u:Ann",)),
            SignOffRoute(above=Decimal(10), candidates=("g:Board",), need=2),
            SignOffRoute(above=Decimal(20), candidates=("g:Board", "u:cfo"), need=3),
        )
    )
    routes = [rules.route_for(Decimal(nav)) for nav in ("10", "10.01", "20", "20.01")]
    assert [(route.need, route.candidates) for route in routes] == [
        (1, ("u:ann",)),
        (2, ("g:board",)),
        (2, ("g:board",)),
        (3, ("g:board", "u:cfo")),
    ]


@pytest.mark.parametrize("starts", [["1"], ["0", "5", "5"], ["0", "7", "3"]])
def test_routes_that_leave_a_gap_or_overlap_are_refused(starts: list[str]) -> None:
    routes = tuple(SignOffRoute(above=Decimal(each)) for each in starts)
    with pytest.raises(ValidationError, match="start at 0 and rise"):
        SignOff(routes=routes)


@given(st.decimals(allow_nan=False, allow_infinity=False, places=2, min_value=-(10**12)))
def test_more_money_never_needs_fewer_people(nav: Decimal) -> None:
    rules = SignOff()
    assert rules.route_for(nav + TWO_ABOVE).need >= rules.route_for(nav).need


@pytest.mark.parametrize(
    ("name", "is_known"),
    [("", True), ("Pat", True), ("u:pat", True), ("g:desk", False), ("  ", False), ("u:", False)],
)
def test_whoever_prepared_it_can_be_compared_with_who_approves(name: str, is_known: bool) -> None:
    assert is_nobody_or_person(name) is is_known
