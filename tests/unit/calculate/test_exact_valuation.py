"""Valuation of positions: exact, rounded once, nothing missing passed over."""

import random
from decimal import ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tenuto.activities.calculate.valuation import value_positions
from tenuto.artifacts.store import ArtifactStore
from tenuto.catalog.library.calculate.valuation import ValuationRequest, ValuationResult
from tenuto.core.errors import DataError
from tenuto.core.money import RoundingMode, round_to

QUANTITY, PRICE, FACTOR = pl.Decimal(38, 6), pl.Decimal(38, 8), pl.Decimal(38, 4)

Row = tuple[str, str]
Price = tuple[str, str, str, str | None]


def positions(*rows: tuple[str, ...]) -> pl.DataFrame:
    columns = ("instrument_id", "quantity", "accrued_interest")
    return pl.DataFrame(
        [(row[0], *(Decimal(each) for each in row[1:])) for row in rows],
        schema={
            name: pl.String if name == "instrument_id" else QUANTITY
            for name in columns[: len(rows[0]) if rows else 2]
        },
        orient="row",
    )


def prices(*rows: tuple[str, str, str] | tuple[str, str, str, str]) -> pl.DataFrame:
    return pl.DataFrame(
        [
            (row[0], Decimal(row[1]), row[2], Decimal(row[3]) if len(row) > 3 else None)
            for row in rows
        ],
        schema={
            "instrument_id": pl.String,
            "price": PRICE,
            "currency": pl.String,
            "price_factor": FACTOR,
        },
        orient="row",
    )


RATES = [
    {"base": "EUR", "quote": "USD", "rate": "1.0666"},
    {"base": "GBP", "quote": "EUR", "rate": "1.1437"},
]


def value(
    store: ArtifactStore, held: pl.DataFrame, quoted: pl.DataFrame, **more: object
) -> ValuationResult:
    return value_positions(
        ValuationRequest.model_validate(
            {
                "positions": store.put_table(held, name="positions"),
                "prices": store.put_table(quoted, name="prices"),
                "exchange_rates": RATES,
                "base_currency": "EUR",
                **more,
            }
        )
    )


def test_ops_18_three_currencies_by_hand(store: ArtifactStore) -> None:
    """EUR 10 x 12.5 = 125; USD 3 x 100.10 / 1.0666 = 281.548... ; GBP pence 1000 x 250 / 100 x
    1.1437 = 2859.25; together 3265.80."""
    result = value(
        store,
        positions(("E", "10"), ("P", "1000"), ("U", "3")),
        prices(("E", "12.5", "EUR"), ("P", "250", "GBP", "0.01"), ("U", "100.10", "USD")),
    )
    rows = {row["instrument_id"]: row for row in store.get_table(result.positions).to_dicts()}

    assert rows["E"]["base_value"] == Decimal("125.00")
    assert rows["P"]["local_value"] == Decimal(2500)
    assert rows["P"]["base_value"] == Decimal("2859.25")
    assert rows["U"]["base_value"] == Decimal("281.55")
    assert result.value == Decimal("3265.80")
    assert [each.currency for each in result.by_currency] == ["EUR", "GBP", "USD"]
    assert result.by_currency[2].local_value == Decimal("300.3")


def test_accrued_interest_is_part_of_the_value(store: ArtifactStore) -> None:
    result = value(
        store,
        positions(("B", "100000", "508.333333")),
        prices(("B", "98.5", "EUR", "0.01")),
    )

    assert result.value == Decimal("99008.33")
    assert result.by_currency[0].local_value == Decimal("99008.333333")


def test_rounding_by_position_and_by_total(store: ArtifactStore) -> None:
    """Three times 0.005: one by one to even 0.00, together 0.015 -> 0.02."""
    held = positions(("X", "1"), ("Y", "1"), ("Z", "1"))
    quoted = prices(("X", "0.005", "EUR"), ("Y", "0.005", "EUR"), ("Z", "0.005", "EUR"))

    assert value(store, held, quoted).value == 0
    in_total = value(store, held, quoted, rounding={"level": "total"})
    assert in_total.value == Decimal("0.02")


@pytest.mark.parametrize(
    ("mode", "expected"),
    [("half-even", "0.12"), ("half-up", "0.13"), ("down", "0.12"), ("up", "0.13")],
)
def test_the_rounding_mode_rules(store: ArtifactStore, mode: str, expected: str) -> None:
    held, quoted = positions(("X", "1")), prices(("X", "0.125", "EUR"))

    assert value(store, held, quoted, rounding={"mode": mode}).value == Decimal(expected)


def test_every_missing_price_is_named(store: ArtifactStore) -> None:
    held = positions(*[(f"N{n:02}", "1") for n in range(12)], ("E", "1"))
    with pytest.raises(DataError, match="12 positions have no price: N00, N01") as refused:
        value(store, held, prices(("E", "1", "EUR")))
    assert refused.value.code == "calculate.price-missing"
    assert refused.value.details["instruments"] == [f"N{n:02}" for n in range(12)]


def test_every_missing_exchange_rate_is_named(store: ArtifactStore) -> None:
    held = positions(("C", "1"), ("J", "1"), ("U", "1"))
    quoted = prices(("C", "1", "CHF"), ("J", "1", "JPY"), ("U", "1", "USD"))
    with pytest.raises(DataError, match="CHF, JPY") as refused:
        value(store, held, quoted)
    assert refused.value.code == "calculate.fx-missing"


def test_two_prices_of_one_instrument_are_refused(store: ArtifactStore) -> None:
    quoted = prices(("E", "1", "EUR"), ("E", "2", "EUR"))
    with pytest.raises(DataError, match="more than one price: E") as refused:
        value(store, positions(("E", "1")), quoted)
    assert refused.value.code == "calculate.price-given-twice"


def test_a_float_is_refused(store: ArtifactStore) -> None:
    held = pl.DataFrame({"instrument_id": ["E"], "quantity": [0.1]})
    with pytest.raises(DataError, match="expected Decimal") as refused:
        value(store, held, prices(("E", "1", "EUR")))
    assert refused.value.code == "money.not-exact"


def test_a_table_without_its_column_is_refused(store: ArtifactStore) -> None:
    held = pl.DataFrame({"instrument_id": ["E"]})
    with pytest.raises(DataError, match="no `quantity`") as refused:
        value(store, held, prices(("E", "1", "EUR")))
    assert refused.value.code == "calculate.bad-column"


def test_no_positions_are_worth_nothing(store: ArtifactStore) -> None:
    result = value(store, positions(), prices(("E", "1", "EUR")))

    assert result.value == 0
    assert result.positions.rows == 0
    assert result.by_currency == ()


def test_shuffled_rows_give_the_same_bytes(store: ArtifactStore) -> None:
    rows = [(f"I{n % 40:02}", str(n)) for n in range(200)]
    quoted = prices(*[(f"I{n:02}", str(Decimal(n + 1) / 8), "USD") for n in range(40)])
    first = value(store, positions(*rows), quoted)
    random.Random(5).shuffle(rows)  # noqa: S311 (the same shuffle every time)
    second = value(store, positions(*rows), quoted.reverse())

    assert first == second


amounts = st.integers(-(10**9), 10**9).map(lambda n: Decimal(n).scaleb(-6))
quotes = st.integers(1, 10**9).map(lambda n: Decimal(n).scaleb(-8))


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(amounts, quotes, st.sampled_from(["EUR", "USD", "GBP"])), min_size=1, max_size=20
    ),
    st.sampled_from(list(RoundingMode)),
)
def test_every_value_is_the_exact_one_rounded_once(
    store: ArtifactStore, rows: list[tuple[Decimal, Decimal, str]], mode: RoundingMode
) -> None:
    held = positions(*[(f"I{n:02}", str(row[0])) for n, row in enumerate(rows)])
    quoted = prices(*[(f"I{n:02}", str(row[1]), row[2]) for n, row in enumerate(rows)])
    result = value(store, held, quoted, rounding={"mode": mode.value})
    rates = {
        "EUR": Fraction(1),
        "USD": 1 / Fraction("1.0666"),
        "GBP": Fraction("1.1437"),
    }
    expected = [
        round_to(Fraction(quantity) * Fraction(price) * rates[currency], 2, mode)
        for quantity, price, currency in rows
    ]

    assert store.get_table(result.positions)["base_value"].to_list() == expected
    context = Context(prec=50, rounding=ROUND_HALF_EVEN)
    whole = Decimal(0)
    for each in expected:
        whole = context.add(whole, each)
    assert result.value == whole
