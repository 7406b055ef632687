"""XIRR against the values spreadsheets document, and the cases that have no answer."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tenuto.activities.calculate.math.money_weighted import xirr
from tenuto.core.errors import DataError

START = date(2008, 1, 1)


def payments(*dated: tuple[str, str]) -> list[tuple[date, Decimal]]:
    return [(date.fromisoformat(day), Decimal(amount)) for day, amount in dated]


EXCEL = payments(
    ("2008-01-01", "-10000"),
    ("2008-03-01", "2750"),
    ("2008-10-30", "4250"),
    ("2009-02-15", "3250"),
    ("2009-04-01", "2750"),
)


def test_the_example_of_the_excel_documentation() -> None:
    """Microsoft Support, "XIRR function", example: 0.373362535, or 37.34 %.

    Excel says that it stops within 0.000001 percent; the root is 0.3733625335.
    """
    assert abs(xirr(EXCEL) - Decimal("0.373362535")) < Decimal("0.00000001")
    assert xirr(EXCEL) == Decimal("0.373362534")


def test_order_and_split_payments_do_not_matter() -> None:
    split = [*EXCEL[::-1], (START, Decimal(-500)), (START, Decimal(500))]

    assert xirr(split) == xirr(EXCEL)


def test_one_year_is_365_days() -> None:
    assert xirr(payments(("2023-01-01", "-100"), ("2024-01-01", "110"))) == Decimal("0.1")
    leap = xirr(payments(("2024-01-01", "-100"), ("2025-01-01", "110")))
    assert leap == Decimal(str(round(1.1 ** (365 / 366) - 1, 9)))


@pytest.mark.parametrize(
    "one_sided",
    [
        payments(("2023-01-01", "100"), ("2024-01-01", "110")),
        payments(("2023-01-01", "-100"), ("2024-01-01", "-110")),
        payments(("2023-01-01", "-100"), ("2023-01-01", "110")),
        payments(("2023-01-01", "0"), ("2024-01-01", "110")),
    ],
)
def test_payments_that_never_change_sign_have_no_rate(
    one_sided: list[tuple[date, Decimal]],
) -> None:
    with pytest.raises(DataError, match="never change sign") as refused:
        xirr(one_sided)
    assert refused.value.code == "calculate.xirr-no-root"


def test_payments_that_no_rate_solves_are_refused() -> None:
    """100 - 150 v + 100 v^2 has no real root."""
    with pytest.raises(DataError, match="no rate between") as refused:
        xirr(payments(("2023-01-01", "100"), ("2024-01-01", "-150"), ("2024-12-31", "100")))
    assert refused.value.code == "calculate.xirr-no-root"


def test_several_rates_are_named_and_none_is_chosen() -> None:
    """-1000, 2300, -1320 is worth nothing at 10 % and at 20 %: a textbook pair of rates."""
    with pytest.raises(DataError, match="2 rates solve") as refused:
        xirr(payments(("2023-01-01", "-1000"), ("2024-01-01", "2300"), ("2024-12-31", "-1320")))
    assert refused.value.code == "calculate.xirr-several-roots"
    assert refused.value.details["roots"] == ["0.100000000", "0.200000000"]


def test_several_changes_of_sign_with_one_rate_have_it() -> None:
    """A portfolio that is paid into and drawn on: 100 in, 10 out, 20 in, 125 left after a year."""
    found = xirr(
        payments(
            ("2023-01-01", "-100"),
            ("2023-04-01", "10"),
            ("2023-07-01", "-20"),
            ("2024-01-01", "125"),
        )
    )
    worth = (
        -100
        + 10 / (1 + float(found)) ** (90 / 365)
        - 20 / (1 + float(found)) ** (181 / 365)
        + 125 / (1 + float(found))
    )
    assert abs(worth) < 1e-6


def test_a_rate_near_total_loss_is_found() -> None:
    """-89 % a year over eight years, where the library's own search gives up."""
    worth = 1 / 0.11 ** (1 / 365) + 7416 / 0.11 ** (3000 / 365)
    dated = [
        (START, -Decimal(repr(worth))),
        (START + timedelta(days=1), Decimal(1)),
        (START + timedelta(days=3000), Decimal(7416)),
    ]
    assert xirr(dated) == Decimal("-0.89")


@given(
    st.integers(-90, 500).map(lambda percent: percent / 100),
    st.lists(st.tuples(st.integers(1, 3000), st.integers(1, 10**6)), min_size=1, max_size=30),
)
def test_the_rate_makes_the_payments_worth_nothing(
    rate: float, received: list[tuple[int, int]]
) -> None:
    """What was paid is the present value of what is received, so the rate is known beforehand."""
    worth = sum(amount / (1 + rate) ** (days / 365) for days, amount in received)
    paid = Decimal(repr(worth)).quantize(Decimal("0.000001"))
    assume(paid > 1)
    dated = [(START, -paid)]
    dated += [(START + timedelta(days=days), Decimal(amount)) for days, amount in received]

    # A rate is known as well as its payments are: a millionth of what was paid, over a day.
    assert abs(float(xirr(dated)) - rate) < 1e-6 * (1 + abs(rate)) * 365
