"""Accrued interest, fees, and share classes as single steps."""

from datetime import date
from decimal import Decimal

import polars as pl
import pytest

from tenuto.artifacts.store import ArtifactStore
from tenuto.core.errors import DataError
from tenuto.packs.finance.calculate.activities.accruals import accrue_interest
from tenuto.packs.finance.calculate.activities.fees import accrue_fees
from tenuto.packs.finance.calculate.activities.share_classes import share_among_classes
from tenuto.packs.finance.calculate.models import (
    AccrualsRequest,
    FeesRequest,
    ShareClassesRequest,
    ShareClassesResult,
)
from tenuto.packs.finance.models import ShareClass

BOND = {
    "instrument_id": "B",
    "currency": "EUR",
    "nominal": "100000",
    "coupon_rate": "0.03",
    "day_count": "30E/360",
    "coupon_frequency": 2,
    "last_coupon_date": "2023-11-01",
    "next_coupon_date": "2024-05-01",
}


def accrued(on: str, *bonds: dict[str, object], **more: object) -> AccrualsRequest:
    return AccrualsRequest.model_validate({"on": on, "positions": bonds, **more})


@pytest.mark.parametrize(
    ("day_count", "start", "end", "frequency", "on", "days", "basis"),
    [
        # ISDA, 30/360 worked examples to the 2006 Definitions (December 2008)
        ("30/360", "2007-08-20", "2008-02-20", 2, "2008-02-20", 180, 360),
        ("30E/360", "2007-02-28", "2007-08-31", 2, "2007-08-31", 182, 360),
        ("30/360", "2008-02-28", "2008-08-30", 2, "2008-08-30", 182, 360),
        ("30E/360", "2008-02-29", "2008-08-31", 2, "2008-08-31", 181, 360),
        # 2006 Definitions 4.16(d) and (e): actual days over a fixed year
        ("ACT/365", "2024-01-01", "2025-01-01", 1, "2024-12-31", 365, 365),
        ("ACT/360", "2024-01-01", "2025-01-01", 1, "2024-03-31", 90, 360),
        # ICMA rule 251: actual days over frequency times the period's days
        ("ACT/ACT", "2022-01-15", "2022-07-15", 2, "2022-04-01", 76, 2 * 181),
    ],
)
def test_ops_18_interest_by_day_count(
    store: ArtifactStore,
    day_count: str,
    start: str,
    end: str,
    frequency: int,
    on: str,
    days: int,
    basis: int,
) -> None:
    bond = BOND | {
        "day_count": day_count,
        "last_coupon_date": start,
        "next_coupon_date": end,
        "coupon_frequency": frequency,
        "nominal": "1000000",
        "coupon_rate": "0.06",
    }
    result = accrue_interest(accrued(on, bond))

    assert result.totals[0].amount == (Decimal(60000) * days / basis).quantize(Decimal("0.01"))


def test_positions_are_rounded_and_added_by_currency(store: ArtifactStore) -> None:
    """100000 x 3 % x 61/360 = 508.333...; half the pool, half of it; a short position owes."""
    result = accrue_interest(
        accrued(
            "2024-01-02",
            BOND,
            BOND | {"instrument_id": "P", "pool_factor": "0.5"},
            BOND | {"instrument_id": "U", "currency": "USD", "nominal": "-100000"},
        )
    )

    assert [(each.currency, each.amount) for each in result.totals] == [
        ("EUR", Decimal("762.50")),
        ("USD", Decimal("-508.33")),
    ]
    assert store.get_table(result.accrued).rows() == [
        ("B", "EUR", Decimal("508.33")),
        ("P", "EUR", Decimal("254.17")),
        ("U", "USD", Decimal("-508.33")),
    ]


def test_a_table_of_positions_accrues_as_the_same_positions_inline(store: ArtifactStore) -> None:
    frame = pl.DataFrame(
        {
            "instrument_id": ["B"],
            "currency": ["EUR"],
            "nominal": [100000],
            "coupon_rate": [Decimal("0.03")],
            "day_count": ["30E/360"],
            "coupon_frequency": [2],
            "last_coupon_date": [date(2023, 11, 1)],
            "next_coupon_date": [date(2024, 5, 1)],
        }
    )
    by_table = accrue_interest(
        AccrualsRequest(on=date(2024, 1, 2), table=store.put_table(frame, name="bonds"))
    )

    assert by_table == accrue_interest(accrued("2024-01-02", BOND))


def test_every_position_outside_its_coupon_period_is_named(store: ArtifactStore) -> None:
    with pytest.raises(DataError, match="2 positions: B .2023-11-01 to 2024-05-01., C") as refused:
        accrue_interest(accrued("2024-05-02", BOND, BOND | {"instrument_id": "C"}))
    assert refused.value.code == "calculate.not-accrued"
    assert refused.value.details["count"] == 2


@pytest.mark.parametrize(
    ("columns", "code"),
    [
        ({"nominal": [1.5]}, "calculate.bad-column"),
        ({"colour": ["red"]}, "calculate.bad-column"),
        ({"instrument_id": ["B"]}, "calculate.bad-row"),
    ],
)
def test_a_table_that_holds_no_positions_is_refused(
    store: ArtifactStore, columns: dict[str, list[object]], code: str
) -> None:
    table = store.put_table(pl.DataFrame(columns), name="bonds")
    with pytest.raises(DataError) as refused:
        accrue_interest(AccrualsRequest(on=date(2024, 1, 2), table=table))
    assert refused.value.code == code


FEES = {
    "assets": "36500000",
    "currency": "EUR",
    "after": "2023-12-29",
    "through": "2024-01-02",
}


def test_ops_1_fees_of_a_long_weekend_over_the_year_end() -> None:
    """1 % of 36.5 m is 1,000 a day by ACT/365: four days; 3,650 a year is 10 a day."""
    result = accrue_fees(
        FeesRequest.model_validate(
            FEES
            | {
                "fees": [
                    {"fee_id": "management", "kind": "percentage", "rate": "0.01"},
                    {"fee_id": "audit", "kind": "fixed", "amount": "3650"},
                ],
                "brought_forward": [{"fee_id": "audit", "total": "100", "paid": "30"}],
            }
        )
    )

    assert [each.amount for each in result.accruals] == [Decimal("4000.00"), Decimal("40.00")]
    assert result.amount == Decimal("4040.00")
    assert result.liabilities == Decimal("4110.00")


def test_tiered_fee_charges_each_slice_at_its_own_rate() -> None:
    """A year of 1 % on the first 10 m and 0.5 % on the rest of 30 m: 200,000."""
    tiers = [{"above": "0", "rate": "0.01"}, {"above": "10000000", "rate": "0.005"}]
    result = accrue_fees(
        FeesRequest.model_validate(
            FEES
            | {
                "assets": "30000000",
                "after": "2022-12-31",
                "through": "2023-12-31",
                "fees": [{"fee_id": "tiered", "kind": "tiered", "tiers": tiers}],
            }
        )
    )

    assert result.amount == Decimal("200000.00")


def test_fees_of_a_period_that_runs_backwards_are_refused() -> None:
    with pytest.raises(DataError) as refused:
        accrue_fees(
            FeesRequest.model_validate(
                FEES
                | {
                    "through": "2023-01-02",
                    "fees": [{"fee_id": "m", "kind": "percentage", "rate": "0.01"}],
                }
            )
        )
    assert refused.value.code == "nav.period-reversed"


@pytest.mark.parametrize(
    "wrong",
    [
        {"brought_forward": [{"fee_id": "other"}]},
        {"brought_forward": [{"fee_id": "m"}, {"fee_id": "m"}]},
    ],
)
def test_balances_of_no_fee_are_refused(wrong: dict[str, object]) -> None:
    fees = {"fees": [{"fee_id": "m", "kind": "percentage", "rate": "0.01"}]}
    with pytest.raises(ValueError, match="not one of the fees|twice"):
        FeesRequest.model_validate(FEES | fees | wrong)


def share_class(class_id: str, currency: str) -> ShareClass:
    return ShareClass(
        class_id=class_id,
        currency=currency,
        launch_date=date(2024, 1, 2),
        launch_price=Decimal(100),
        units=Decimal(1000),
    )


def shared(*, assets: str | None = "110000.01", **more: str | None) -> ShareClassesResult:
    return share_among_classes(
        ShareClassesRequest.model_validate(
            {
                "assets": assets,
                "base_currency": "EUR",
                "classes": [
                    {
                        "share_class": share_class("A", "EUR"),
                        "prior_nav": "60000",
                        "opening_units": "600",
                    },
                    {
                        "share_class": share_class("U", "USD"),
                        "prior_nav": "40000",
                        "opening_units": "430",
                        "own_fees": "10",
                        "class_per_base": "1.08",
                        **more,
                    },
                ],
            }
        )
    )


def test_ops_1_classes_add_up_to_the_fund_to_the_cent() -> None:
    """110000.01 in the ratio 60 : 40 is 66000.006 and 44000.004: the cent goes to the larger
    remainder. The second class: (44000.00 - 10) x 1.08 / 430."""
    result = shared()
    first, second = result.classes

    assert (first.gross, second.gross) == (Decimal("66000.01"), Decimal("44000.00"))
    assert first.weight + second.weight == 1
    assert second.nav_base == Decimal("43990.00")
    assert second.nav == Decimal("47509.20")
    assert second.nav_per_unit == (Decimal("47509.20") / 430).quantize(Decimal("0.0001"))
    assert result.nav == Decimal("109990.01")


def test_capital_takes_no_part_of_the_result_it_did_not_earn() -> None:
    """5,000 come into the second class: the result of 5,000.01 falls 60000 : 45000."""
    result = shared(capital="5000", subscribed_units="50")
    gain = result.classes[0].gross - 60000

    assert gain == (Decimal("5000.01") * 60 / 105).quantize(Decimal("0.01"))
    assert result.classes[1].units == 480


@pytest.mark.parametrize(
    ("assets", "more", "code"),
    [
        ("110000.01", {"redeemed_units": "431"}, "nav.units-negative"),
        ("110000.01", {"redeemed_units": "430"}, "nav.zero-units"),
        ("110000.01", {"opening_units": "430.0001"}, "nav.unit-places"),
        ("110000.001", {}, "money.parts-differ"),
        ("110000.01", {"own_fees": "50000"}, "nav.negative"),
    ],
)
def test_classes_that_have_no_value_are_refused(
    assets: str, more: dict[str, str], code: str
) -> None:
    with pytest.raises(DataError) as refused:
        shared(assets=assets, **more)
    assert refused.value.code == code


@pytest.mark.parametrize("more", [{"class_per_base": None}, {"base_per_class": "0.9"}])
def test_a_class_in_another_currency_needs_exactly_one_rate(more: dict[str, str | None]) -> None:
    with pytest.raises(ValueError, match="needs 1 exchange rate to EUR"):
        shared(**more)
