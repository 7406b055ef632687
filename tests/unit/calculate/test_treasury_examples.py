"""The worked examples of 31 CFR part 356, appendix B: every price the regulation prints.

Section II, "Formulas for conversion of fixed-principal security yields to equivalent prices",
examples A to G, and section VI, bills.
"""

from datetime import date
from decimal import Decimal

import pytest

from tenuto.activities.calculate.bond import price_one
from tenuto.catalog.library.calculate.bonds import BondTerms, BondValue
from tenuto.core.errors import DataError

SIX = Decimal("0.000001")

SECTION_II = [
    # coupon, yield, settlement, maturity, dated, first coupon, printed price, printed interest
    pytest.param(
        ("8.75", "8.84", "1990-05-15", "2020-05-15", None, None, "99.057893", "0"),
        id="A-regular-first-period",
    ),
    pytest.param(
        ("8.50", "8.59", "1990-04-02", "1992-03-31", "1990-04-02", None, "99.838183", "0"),
        id="B-short-first-period",
    ),
    pytest.param(
        ("8.50", "8.53", "1990-03-01", "1995-05-15", "1990-03-01", "1990-11-15", "99.805118", "0"),
        id="C-long-first-period",
    ),
    pytest.param(
        ("9.50", "9.54", "1985-11-29", "1995-11-15", None, None, "99.730918", "0.367403"),
        id="D-reopened-in-a-regular-period",
    ),
    pytest.param(
        (
            "10.75",
            "10.47",
            "1985-11-04",
            "2005-08-15",
            "1985-07-02",
            "1986-02-15",
            "102.214586",
            "3.672798",
        ),
        id="E-reopened-in-the-regular-part-of-a-long-period",
    ),
    pytest.param(
        ("10.50", "10.53", "1983-08-15", "1991-05-15", "1983-05-16", None, "99.777074", "2.596467"),
        id="F-reopened-in-a-short-period",
    ),
    pytest.param(
        (
            "9.75",
            "9.79",
            "1988-11-15",
            "1994-12-15",
            "1988-10-15",
            "1989-06-15",
            "99.738045",
            "0.825820",
        ),
        id="G-reopened-in-the-fraction-of-a-long-period",
    ),
]


def day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def treasury(example: tuple[str | None, ...], **asked: Decimal) -> BondValue:
    coupon, _, settlement, maturity, dated, first_coupon, *_ = example
    return price_one(
        BondTerms.model_validate(
            {
                "bond_id": "T",
                "convention": "us-treasury",
                "coupon_rate": Decimal(coupon or 0) / 100,
                "settlement": day(settlement),
                "maturity": day(maturity),
                "dated": day(dated),
                "first_coupon": day(first_coupon),
                **asked,
            }
        )
    )


@pytest.mark.parametrize("example", SECTION_II)
def test_ops_7_section_ii_prices_and_accrued_interest(example: tuple[str, ...]) -> None:
    """F is printed as 99.777074; without rounding on the way it is 99.7770734."""
    value = treasury(example, yield_rate=Decimal(example[1]) / 100)

    assert abs(value.clean_price - Decimal(example[6])) <= SIX
    assert value.accrued_interest.quantize(SIX) == Decimal(example[7])
    assert value.dirty_price == value.clean_price + value.accrued_interest


@pytest.mark.parametrize("example", SECTION_II)
def test_the_yield_of_the_printed_price_is_the_printed_yield(example: tuple[str, ...]) -> None:
    value = treasury(example, clean_price=Decimal(example[6]))

    assert abs(value.yield_rate - Decimal(example[1]) / 100) < Decimal("0.00000001") * 100
    assert value.clean_price == Decimal(example[6])


def test_simple_interest_in_a_part_period_is_not_the_street_s() -> None:
    """Example D with compound interest differs by 0.0077 per 100, so the rule is seen to matter."""
    example = SECTION_II[3].values[0]
    assert isinstance(example, tuple)
    street = price_one(
        BondTerms(
            bond_id="T",
            convention="us-street",
            coupon_rate=Decimal("0.095"),
            yield_rate=Decimal("0.0954"),
            settlement=date(1985, 11, 29),
            maturity=date(1995, 11, 15),
        )
    )
    simple = treasury(example, yield_rate=Decimal("0.0954"))

    assert abs(street.clean_price - simple.clean_price) > Decimal("0.007")


def bill(settlement: str, maturity: str, **asked: str) -> BondValue:
    return price_one(
        BondTerms.model_validate(
            {
                "bond_id": "B",
                "convention": "us-bill",
                "settlement": settlement,
                "maturity": maturity,
                **asked,
            }
        )
    )


def test_ops_7_section_vi_a_bill_price_from_discount_rate() -> None:
    """Issued 24 November 1989, due 22 February 1990, 7.610 %: 98.097500."""
    value = bill("1989-11-24", "1990-02-22", discount_rate="0.07610")

    assert value.clean_price == Decimal("98.097500")
    assert value.accrued_interest == 0


def test_ops_7_section_vi_c_discount_rate_from_price() -> None:
    """Issued 30 December 1982, due 30 June 1983, price 95.934567: 8.042 %, .080415158."""
    value = bill("1982-12-30", "1983-06-30", clean_price="95.934567")

    assert value.discount_rate is not None
    assert value.discount_rate.quantize(Decimal("1e-9")) == Decimal("0.080415158")


def test_ops_7_section_vi_d_1_investment_rate_of_a_short_bill() -> None:
    """Issued 1 June 1990, due 21 June 1990, price 99.559444: 8.076 %.

    The regulation rounds a step to six decimals and prints .080756; unrounded it is .0807573.
    """
    value = bill("1990-06-01", "1990-06-21", clean_price="99.559444")

    assert value.yield_rate.quantize(Decimal("0.00001")) == Decimal("0.08076")
    assert bill("1990-06-01", "1990-06-21", discount_rate="0.0793").clean_price.quantize(
        SIX
    ) == Decimal("99.559444")


def test_ops_7_section_vi_d_2_investment_rate_of_a_long_bill() -> None:
    """Issued 7 June 1990, due 6 June 1991, price 92.265000: .082373244."""
    value = bill("1990-06-07", "1991-06-06", clean_price="92.265000")

    assert value.yield_rate.quantize(Decimal("1e-9")) == Decimal("0.082373244")
    assert value.discount_rate == Decimal("0.0765")


@pytest.mark.parametrize(
    ("settlement", "maturity", "year"),
    [
        # section VI.D: the year from 28 February 2019 holds no 29 February, that from 1 March does
        ("2019-02-28", "2019-05-30", 365),
        ("2019-03-01", "2019-05-31", 366),
    ],
)
def test_the_year_of_an_investment_rate_is_that_which_follows(
    settlement: str, maturity: str, year: int
) -> None:
    value = bill(settlement, maturity, clean_price="99")

    expected = Decimal(1) / 99 * year / 91
    assert abs(value.yield_rate - expected) < Decimal("1e-10")


@pytest.mark.parametrize("maturity", ["1990-09-06", "1991-06-06"])
def test_price_yield_and_discount_of_a_bill_agree_both_ways(maturity: str) -> None:
    by_discount = bill("1990-06-07", maturity, discount_rate="0.07")
    by_yield = bill("1990-06-07", maturity, yield_rate=str(by_discount.yield_rate))

    assert abs(by_yield.clean_price - by_discount.clean_price) < Decimal("1e-7")
    assert abs((by_yield.discount_rate or 0) - Decimal("0.07")) < Decimal("1e-9")


@pytest.mark.parametrize("maturity", ["1990-09-06", "1991-06-06"])
def test_bill_sensitivities_are_the_slopes_of_its_price(maturity: str) -> None:
    step = Decimal("0.0001")
    middle, up, down = (
        bill("1990-06-07", maturity, yield_rate=str(Decimal("0.08") + move))
        for move in (Decimal(0), step, -step)
    )
    slope = (down.clean_price - up.clean_price) / (2 * step) / middle.clean_price
    bend = (up.clean_price - 2 * middle.clean_price + down.clean_price) / step**2

    assert abs(slope - middle.modified_duration) < Decimal("1e-6")
    assert abs(bend / middle.clean_price - middle.convexity) < Decimal("0.02")
    assert abs(middle.dv01 - (down.clean_price - up.clean_price) / 2) < Decimal("1e-7")


def test_a_bill_of_more_than_a_year_is_refused() -> None:
    with pytest.raises(DataError, match="between one day and one year") as refused:
        bill("1990-06-07", "1992-06-06", clean_price="92")
    assert refused.value.code == "calculate.bond-dates"
