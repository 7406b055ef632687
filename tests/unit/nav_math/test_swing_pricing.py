"""Swing pricing and levies: thresholds, factors, caps, overrides, worked out by hand."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from plain_values import values
from tenuto.core.money import RoundingMode
from tenuto.packs.finance.math.swing import Proposal, levy, propose, swing
from tenuto.packs.finance.models import DilutionLevy, SwingPolicy
from tenuto.packs.finance.nav.parts import Swing, SwingOverride

NAV = Decimal("1000000.00")
PARTIAL: dict[str, Any] = {
    "threshold_fraction": "0.01",
    "factor_up": "0.005",
    "factor_down": "0.004",
    "cap": "0.03",
}


def policy(**given: Any) -> SwingPolicy:
    return SwingPolicy.model_validate(PARTIAL | given)


def priced(
    proposal: Proposal, per_unit: str, override: SwingOverride | None = None
) -> tuple[Decimal, Swing]:
    return swing(
        policy(),
        proposal,
        unswung_exact=Decimal(per_unit),
        places=4,
        mode=RoundingMode.HALF_EVEN,
        override=override,
    )


@pytest.mark.parametrize(
    ("flow", "direction", "factor"),
    [
        ("10000.00", "none", "0"),  # exactly 1 %: on the threshold
        ("10000.01", "up", "0.005"),
        ("-10000.00", "none", "0"),
        ("-10000.01", "down", "-0.004"),
        ("0", "none", "0"),
    ],
)
def test_partial_swing_begins_beyond_its_threshold(flow: str, direction: str, factor: str) -> None:
    proposal = propose(policy(), flow=Decimal(flow), nav=NAV)
    assert (proposal.direction, proposal.factor) == (direction, Decimal(factor))
    assert proposal.threshold == Decimal("0.01")


def test_threshold_as_an_amount() -> None:
    by_amount = policy(threshold_fraction=None, threshold_amount="25000")
    assert propose(by_amount, flow=Decimal(25000), nav=NAV).direction == "none"
    assert propose(by_amount, flow=Decimal("25000.01"), nav=NAV).direction == "up"
    assert propose(by_amount, flow=Decimal(1), nav=NAV).threshold == Decimal("0.025")


def test_full_swing_moves_at_every_flow() -> None:
    full = policy(mode="full", threshold_fraction=None)
    assert propose(full, flow=Decimal("0.01"), nav=NAV).factor == Decimal("0.005")
    assert propose(full, flow=Decimal(0), nav=NAV).direction == "none"


def test_price_swings_up_and_down() -> None:
    """103.45678 up by half a percent: 103.9740639; down by 0.4 %: 103.04295288."""
    up = propose(policy(), flow=Decimal(20000), nav=NAV)
    published, record = priced(up, "103.45678")
    assert (published, record.unswung) == (Decimal("103.9741"), Decimal("103.4568"))
    assert record.amount == Decimal("0.5173")
    down = propose(policy(), flow=Decimal(-20000), nav=NAV)
    assert priced(down, "103.45678")[0] == Decimal("103.0430")


def test_cap_cuts_and_says_so() -> None:
    proposal = propose(policy(factor_up="0.05"), flow=Decimal(20000), nav=NAV)
    assert (proposal.factor, proposal.capped) == (Decimal("0.03"), True)
    on_cap = propose(policy(factor_up="0.03"), flow=Decimal(20000), nav=NAV)
    assert on_cap.capped is False


def test_basis_takes_the_spread_of_the_side_that_deals() -> None:
    basis = policy(method="basis", factor_up="0", factor_down="0")
    spread = {"spread_up": Fraction(3, 1000), "spread_down": Fraction(2, 1000)}
    assert propose(basis, flow=Decimal(20000), nav=NAV, **spread).factor == Decimal("0.003")
    assert propose(basis, flow=Decimal(-20000), nav=NAV, **spread).factor == Decimal("-0.002")


def test_override_is_recorded_beside_the_proposal() -> None:
    override = SwingOverride(factor=Decimal(0), by="Ann", reason="in kind")
    proposal = propose(policy(), flow=Decimal(20000), nav=NAV)
    published, record = priced(proposal, "100", override)
    assert values(published, record.amount, record.direction) == (100, 0, "none")
    assert values(record.proposed_factor, record.factor) == (Decimal("0.005"), 0)
    assert record.override == override


@pytest.mark.parametrize(
    "wrong",
    [
        {"threshold_fraction": None},
        {"threshold_amount": "1"},
        {"mode": "full"},
        {"factor_up": "0", "factor_down": "0"},
        {"cap": "0"},
    ],
)
def test_policy_that_says_too_much_or_too_little_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        policy(**wrong)


def test_levy_is_charged_on_the_side_of_the_flow() -> None:
    charge = DilutionLevy(rate=Decimal("0.003"), threshold_fraction=Decimal("0.02"))
    assert levy(charge, flow=Decimal(20000), nav=NAV).charged_on == "none"
    charged = levy(charge, flow=Decimal(-20001), nav=NAV)
    assert (charged.charged_on, charged.rate) == ("redemptions", Decimal("0.003"))
    assert levy(charge, flow=Decimal(0), nav=NAV).rate == 0


prices = st.decimals(min_value="0.01", max_value=10**6, places=8)


@given(prices, st.decimals(min_value=-(10**6), max_value=10**6, places=2), st.integers(0, 6))
def test_unswung_and_swing_make_the_published_price(
    per_unit: Decimal, flow: Decimal, places: int
) -> None:
    published, record = swing(
        policy(),
        propose(policy(), flow=flow, nav=NAV),
        unswung_exact=per_unit,
        places=places,
        mode=RoundingMode.HALF_EVEN,
    )
    assert record.unswung + record.amount == published
    assert abs(record.factor) <= policy().cap
    if record.direction == "up":
        assert published >= record.unswung
    elif record.direction == "down":
        assert published <= record.unswung
    else:
        assert published == record.unswung
