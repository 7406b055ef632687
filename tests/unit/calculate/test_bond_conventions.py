"""Gilts, street, corporate, and annual bonds; and that no date leaks from thread to thread."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from decimal import Decimal

import polars as pl
import pytest
import QuantLib as ql  # type: ignore[import-untyped]  # noqa: N813
from hypothesis import given
from hypothesis import strategies as st

from tenuto.activities.calculate.bond import price_bonds, price_one
from tenuto.artifacts.store import ArtifactStore
from tenuto.catalog.library.calculate.bonds import BondRequest, BondTerms, BondValue
from tenuto.core.errors import DataError


def bond(
    convention: str, coupon: str, settlement: date, maturity: date, **more: object
) -> BondValue:
    return price_one(terms(convention, coupon, settlement, maturity, **more))


def terms(
    convention: str, coupon: str, settlement: date, maturity: date, **more: object
) -> BondTerms:
    return BondTerms.model_validate(
        {
            "bond_id": f"{convention} {maturity}",
            "convention": convention,
            "coupon_rate": coupon,
            "settlement": settlement,
            "maturity": maturity,
            **more,
        }
    )


DMO_1998 = [
    # coupon, yield, maturity, settlement, dirty price as printed, yield at the price below
    ("0.08", "0.04445", date(2015, 12, 7), date(1999, 5, 24), "145.012268"),
    ("0.08", "0.04445", date(2015, 12, 7), date(1999, 5, 26), "145.047301"),
    ("0.08", "0.04445", date(2015, 12, 7), date(1999, 5, 27), "141.070132"),
    ("0.08", "0.04445", date(2015, 12, 7), date(1999, 6, 7), "141.257676"),
    ("0.0675", "0.04634", date(2004, 11, 26), date(1999, 5, 10), "113.315543"),
    ("0.0675", "0.04634", date(2004, 11, 26), date(1999, 5, 17), "113.415969"),
    ("0.0675", "0.04634", date(2004, 11, 26), date(1999, 5, 18), "110.058738"),
    ("0.0675", "0.04634", date(2004, 11, 26), date(1999, 5, 26), "110.170218"),
]


@pytest.mark.parametrize(("coupon", "rate", "maturity", "settlement", "printed"), DMO_1998)
def test_ops_7_gilt_prices_of_the_debt_management_office(
    coupon: str, rate: str, maturity: date, settlement: date, printed: str
) -> None:
    """UK DMO, "Price/yield and accrued interest calculation examples", 8 June 1998.

    Examples 1 (8 % Treasury 2015) and 2 (6 3/4 % Treasury 2004), scenarios 1 to 4: before, on the
    last cum-dividend day, on the first ex-dividend day, on the coupon date. Dirty prices.
    """
    value = bond("uk-gilt", coupon, settlement, maturity, yield_rate=rate)

    assert abs(value.dirty_price - Decimal(printed)) <= Decimal("0.000001")


DMO_YIELDS = [
    # example 1 at a dirty price of 135, as the test suite of rateslib holds it to the DMO
    (date(1999, 5, 24), "0.051620635"),
    (date(1999, 5, 26), "0.051649111"),
    (date(1999, 5, 27), "0.04871425"),
    (date(1999, 6, 7), "0.048856785"),
]


@pytest.mark.parametrize(("settlement", "printed"), DMO_YIELDS)
def test_gilt_yields_at_a_dirty_price_of_135(settlement: date, printed: str) -> None:
    maturity = date(2015, 12, 7)
    accrued = bond("uk-gilt", "0.08", settlement, maturity, yield_rate="0.05").accrued_interest
    value = bond("uk-gilt", "0.08", settlement, maturity, clean_price=Decimal(135) - accrued)

    assert abs(value.yield_rate - Decimal(printed)) < Decimal("1e-8")


GILT_2021 = [
    # settlement, accrued, yield, modified duration, convexity / 100, price value of a basis point
    (
        date(2013, 5, 29),
        ("3.8021978", "0.07495180593", "5.676044458", "0.4215314859", "0.0606214023"),
    ),
    (
        date(2013, 5, 30),
        ("-0.1758241758", "0.07496183543", "5.892816328", "0.4375621862", "0.06059239822"),
    ),
    (
        date(2013, 5, 31),
        ("-0.1538461538", "0.07495987492", "5.890186028", "0.4372394381", "0.06057829784"),
    ),
]


@pytest.mark.parametrize(("settlement", "printed"), GILT_2021)
def test_ops_7_gilt_goes_ex_dividend_on_the_sixth_business_day(
    settlement: date, printed: tuple[str, ...]
) -> None:
    """8 % Treasury 2021 (GB0009997999) at 103: Bloomberg's output, as the QuantLib test suite
    quotes it (test-suite/bonds.cpp, testExCouponGilt). 29 May 2013 is seven business days before
    the coupon, and still with it."""
    value = bond("uk-gilt", "0.08", settlement, date(2021, 6, 7), clean_price=Decimal(103))
    accrued, rate, duration, convexity, basis_point = (Decimal(each) for each in printed)

    assert abs(value.accrued_interest - accrued) < Decimal("1e-7")
    assert abs(value.yield_rate - rate) < Decimal("1e-10")
    assert abs(value.modified_duration - duration) < Decimal("2e-9")
    assert abs(value.convexity / 100 - convexity) < Decimal("1e-9")
    assert abs(value.dv01 - basis_point) < Decimal("1e-9")


def test_annual_bond_on_a_coupon_date_by_hand() -> None:
    """5 % over three years at 4 %: 5/1.04 + 5/1.04^2 + 105/1.04^3 = 102.77509103."""
    value = bond("icma-annual", "0.05", date(2021, 3, 1), date(2024, 3, 1), yield_rate="0.04")
    payments = [(n, Decimal(5 if n < 3 else 105) / Decimal("1.04") ** n) for n in (1, 2, 3)]
    price = sum((worth for _, worth in payments), Decimal(0))
    duration = sum((n * worth for n, worth in payments), Decimal(0)) / price

    assert abs(value.clean_price - price) < Decimal("1e-8")
    assert value.accrued_interest == 0
    assert abs(value.macaulay_duration - duration) < Decimal("1e-9")
    assert abs(value.modified_duration - duration / Decimal("1.04")) < Decimal("1e-9")


def test_annual_bond_accrues_by_actual_days_over_the_coupon_period() -> None:
    """ICMA rule 251: 1 March 2021 to 30 April 2021 is 60 of 365 days."""
    value = bond("icma-annual", "0.05", date(2021, 4, 30), date(2024, 3, 1), yield_rate="0.04")

    assert value.accrued_interest == (Decimal(5) * 60 / 365).quantize(Decimal("1e-8"))


def test_annual_coupon_on_the_28th_of_february_stays_there_in_a_leap_year() -> None:
    value = bond("icma-annual", "0.05", date(2020, 2, 28), date(2022, 2, 28), yield_rate="0.04")

    assert value.accrued_interest == 0


def test_corporate_bond_accrues_thirty_days_a_month() -> None:
    """6 %, coupons 15 January and July, on 31 March: 76 of 360 days by 30/360."""
    value = bond("us-corporate", "0.06", date(2022, 3, 31), date(2030, 1, 15), yield_rate="0.06")

    assert value.accrued_interest == (Decimal(6) * 76 / 360).quantize(Decimal("1e-8"))


def test_street_price_of_a_bond_at_its_coupon_is_par_on_coupon_dates() -> None:
    value = bond("us-street", "0.05", date(2022, 8, 31), date(2030, 2, 28), yield_rate="0.05")

    assert value.clean_price == 100
    assert value.accrued_interest == 0


prices = st.decimals(min_value="60", max_value="150", places=4)


@given(
    st.sampled_from(["us-street", "us-treasury", "us-corporate", "uk-gilt", "icma-annual"]),
    prices,
    st.dates(date(2015, 1, 1), date(2024, 12, 31)),
    st.integers(40, 4000),
    st.integers(0, 1200).map(lambda n: Decimal(n).scaleb(-4)),
)
def test_price_of_the_yield_of_a_price_is_the_price(
    convention: str, price: Decimal, settlement: date, days: int, coupon: Decimal
) -> None:
    maturity = settlement + timedelta(days=days)
    there = bond(convention, str(coupon), settlement, maturity, clean_price=price)
    back = bond(convention, str(coupon), settlement, maturity, yield_rate=there.yield_rate)

    assert abs(back.clean_price - price) < Decimal("0.000001")
    assert back.accrued_interest == there.accrued_interest


def test_threads_with_other_dates_get_what_one_thread_gets() -> None:
    """QuantLib's evaluation date is one for the process; it is moved about while threads price."""
    asked = [
        terms(
            convention,
            "0.045",
            date(1999, 1, 4) + timedelta(days=173 * n),
            date(2060, 6, 7) + timedelta(days=n),
            clean_price=Decimal(95) + n % 10,
        )
        for n in range(80)
        for convention in ("us-street", "us-treasury", "uk-gilt", "icma-annual")
    ]
    alone = [price_one(each) for each in asked]
    settings = ql.Settings.instance()
    before = settings.evaluationDate

    def in_a_thread(start: int) -> list[tuple[int, BondValue]]:
        settings.evaluationDate = ql.Date(1 + start, 1, 1950 + 15 * start)
        order = [*range(start, len(asked)), *range(start)]
        return [(index, price_one(asked[index])) for index in order]

    try:
        with ThreadPoolExecutor(8) as threads:
            answers = list(threads.map(in_a_thread, range(8)))
    finally:
        settings.evaluationDate = before

    for answer in answers:
        assert [value for _, value in sorted(answer, key=lambda each: each[0])] == alone


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"settlement": date(2030, 1, 15)}, "not before maturity"),
        ({"dated": date(2023, 1, 1)}, "before interest starts"),
        ({"settlement": date(1850, 1, 1)}, "1902 to 2198"),
        ({"dated": date(2020, 1, 15), "first_coupon": date(2031, 1, 15)}, "first coupon"),
    ],
)
def test_dates_that_make_no_bond_are_refused(change: dict[str, date], said: str) -> None:
    given_terms = {"settlement": date(2022, 1, 20), "maturity": date(2030, 1, 15)} | change
    with pytest.raises(DataError, match=said) as refused:
        bond("us-street", "0.05", yield_rate="0.05", **given_terms)
    assert refused.value.code == "calculate.bond-dates"


def test_a_yield_in_percent_is_refused_with_the_unit_in_the_message() -> None:
    with pytest.raises(DataError, match=r"5 % is 0\.05") as refused:
        bond("us-street", "0.05", date(2022, 1, 20), date(2030, 1, 15), yield_rate="-5")
    assert refused.value.code == "calculate.bond-not-priced"


def test_every_bond_that_cannot_be_priced_is_named(store: ArtifactStore) -> None:
    late = date(2031, 1, 1)
    asked = [
        terms("us-street", "0.05", day, date(2030, 1, 15), yield_rate="0.05")
        for day in (date(2022, 1, 20), late, late)
    ]
    with pytest.raises(DataError, match="2 of 3 bonds cannot be priced") as refused:
        price_bonds(BondRequest(bonds=tuple(asked)))
    assert refused.value.code == "calculate.bonds-not-priced"
    assert refused.value.details["count"] == 2


def test_a_table_of_bonds_is_priced_as_the_same_bonds_inline(store: ArtifactStore) -> None:
    asked = [
        terms(convention, "0.05", date(2024, 3, 18), date(2031, 6, 7), clean_price=Decimal("98.25"))
        for convention in ("us-street", "us-treasury", "us-corporate", "uk-gilt", "icma-annual")
    ]
    frame = pl.DataFrame(
        [each.model_dump(exclude_none=True) for each in asked],
        schema_overrides={"coupon_rate": pl.Decimal(38, 4), "clean_price": pl.Decimal(38, 4)},
    )
    inline = price_bonds(BondRequest(bonds=tuple(asked)))
    result = price_bonds(BondRequest(table=store.put_table(frame, name="bonds")))

    assert result.table is not None
    assert store.get_table(result.table).to_dicts() == [dict(each) for each in inline.bonds]
