"""The movement of a NAV: parts that add up, and nothing left over in books that are consistent."""

from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenuto.core.money import RoundingMode, difference, multiply, round_to, total
from tenuto.packs.finance.math.movement import CurrencyMovement, explain
from tenuto.packs.finance.models import RoundingPolicy
from tenuto.packs.finance.nav.parts import Movement

CENTS = RoundingPolicy()
HALF_EVEN = RoundingMode.HALF_EVEN


def parts(movement: Movement) -> tuple[Decimal, ...]:
    return (
        movement.price,
        movement.fx,
        movement.income,
        movement.fees,
        movement.capital,
        movement.other,
    )


def test_a_day_worked_by_hand() -> None:
    """A EUR fund with 1,000 US shares and some cash.

    Prior: shares at 50 USD, 1 USD = 0.80 EUR: 40,000 EUR; cash 10,000 EUR. Fees owed 100.
    Since: 200 shares bought at 51 (10,200 USD), a dividend of 300 USD went ex, 2,000 EUR were
    subscribed, 50 EUR of fees accrued, 100 EUR of fees were paid.
    Today: shares at 52 USD, 1 USD = 0.90 EUR.
    Price: 1,000 x 2 + 200 x 1 = 2,200 USD = 1,980 EUR. FX: 50,000 USD x 0.10 = 5,000 EUR.
    Income: 270 EUR.
    """
    dollars = CurrencyMovement(
        currency="USD",
        prior_rate=Decimal("0.80"),
        rate=Decimal("0.90"),
        prior_positions=Decimal(50000),
        positions=Decimal(62400),
        balances=Decimal(-9900),
        trades=Decimal(-10200),
        cash_income=Decimal(300),
    )
    euros = CurrencyMovement(
        currency="EUR",
        prior_rate=1,
        rate=1,
        prior_balances=Decimal(10000),
        balances=Decimal(11900),
        capital=Decimal(2000),
        fees_paid=Decimal(100),
    )

    movement = explain(
        [dollars, euros],
        opening=Decimal("49900.00"),  # 40,000 + 10,000 - 100
        closing=Decimal("59100.00"),  # 56,160 - 8,910 + 11,900 - 50
        fees=Decimal("50.00"),
        capital=Decimal("2000.00"),
        rounding=CENTS,
        rounded_amounts=0,
    )

    assert movement.price == Decimal("1980.00")
    assert movement.fx == Decimal("5000.00")
    assert movement.income == Decimal("270.00")
    assert movement.fees == Decimal("-50.00")
    assert movement.capital == Decimal("2000.00")
    assert movement.other == Decimal("0.00")
    assert movement.total == Decimal("9200.00")


@dataclass(frozen=True)
class Holding:
    """One instrument over a day; prices and amounts in its currency, quantities in units."""

    currency: str
    prior_quantity: int
    bought: int
    split: int
    prior_price: Decimal
    trade_price: Decimal
    price: Decimal
    dividend: Decimal

    @property
    def quantity(self) -> int:
        return self.prior_quantity * self.split + self.bought


@dataclass(frozen=True)
class Book:
    """A fund over a day, kept by double entry: every flow moves cash."""

    rates: dict[str, tuple[Decimal, Decimal]]
    holdings: list[Holding]
    prior_cash: dict[str, Decimal]
    capital: dict[str, Decimal]
    accrued: Decimal
    paid: Decimal

    def in_base(self, amount: Decimal, currency: str, when: int) -> Decimal:
        return round_to(multiply(amount, self.rates[currency][when]), 2, HALF_EVEN)

    def flows(self, currency: str) -> tuple[Decimal, Decimal]:
        """Trades and dividends."""
        held = [each for each in self.holdings if each.currency == currency]
        trades = total(multiply(-each.bought, each.trade_price) for each in held)
        dividends = total(multiply(each.prior_quantity, each.dividend) for each in held)
        return trades, dividends

    def cash(self, currency: str) -> Decimal:
        inflow = total([*self.flows(currency), self.prior_cash[currency], self.capital[currency]])
        return difference(inflow, self.paid if currency == "EUR" else 0)

    def nav(self, when: int) -> Decimal:
        positions = [
            self.in_base(multiply(each.prior_quantity, each.prior_price), each.currency, 0)
            if when == 0
            else self.in_base(multiply(each.quantity, each.price), each.currency, 1)
            for each in self.holdings
        ]
        cash = [
            self.in_base(self.prior_cash[each] if when == 0 else self.cash(each), each, when)
            for each in self.rates
        ]
        owed = difference(self.accrued, self.paid) if when else Decimal(0)
        return difference(total([*positions, *cash]), owed)

    def currencies(self) -> list[CurrencyMovement]:
        found = []
        for currency, (prior_rate, rate) in self.rates.items():
            held = [each for each in self.holdings if each.currency == currency]
            trades, dividends = self.flows(currency)
            found.append(
                CurrencyMovement(
                    currency=currency,
                    prior_rate=prior_rate,
                    rate=rate,
                    prior_positions=total(
                        multiply(each.prior_quantity, each.prior_price) for each in held
                    ),
                    positions=total(multiply(each.quantity, each.price) for each in held),
                    prior_balances=self.prior_cash[currency],
                    balances=self.cash(currency),
                    trades=trades,
                    cash_income=dividends,
                    capital=self.capital[currency],
                    fees_paid=self.paid if currency == "EUR" else Decimal(0),
                )
            )
        return found

    def explained(self, currencies: list[CurrencyMovement], found: Decimal) -> Movement:
        return explain(
            currencies,
            opening=self.nav(0),
            closing=total([self.nav(1), found]),
            fees=self.accrued,
            capital=total(self.in_base(self.capital[each], each, 1) for each in self.rates),
            rounding=CENTS,
            rounded_amounts=2 * (len(self.holdings) + len(self.rates)),
        )


def decimals(low: int, high: int, places: int) -> st.SearchStrategy[Decimal]:
    return st.integers(low, high).map(lambda units: Decimal(units).scaleb(-places))


prices = decimals(1, 10**8, 4)
cash = decimals(-(10**9), 10**9, 2)
per_currency = st.fixed_dictionaries({"EUR": cash, "USD": cash, "JPY": cash})
pairs = st.tuples(decimals(1, 10**7, 6), decimals(1, 10**7, 6))
books = st.builds(
    Book,
    rates=st.fixed_dictionaries(
        {"EUR": st.just((Decimal(1), Decimal(1))), "USD": pairs, "JPY": pairs}
    ),
    holdings=st.lists(
        st.builds(
            Holding,
            currency=st.sampled_from(["EUR", "USD", "JPY"]),
            prior_quantity=st.integers(-(10**5), 10**6),
            bought=st.just(0) | st.integers(-(10**5), 10**5),
            split=st.just(1) | st.integers(2, 10),
            prior_price=prices,
            trade_price=prices,
            price=prices,
            dividend=st.just(Decimal(0)) | decimals(0, 10**4, 4),
        ),
        max_size=8,
    ),
    prior_cash=per_currency,
    capital=per_currency,
    accrued=decimals(0, 10**6, 2),
    paid=decimals(0, 10**6, 2),
)


@given(books)
def test_a_consistent_book_leaves_nothing_unexplained(book: Book) -> None:
    movement = book.explained(book.currencies(), Decimal(0))

    assert movement.other == 0
    assert total(parts(movement)) == movement.total
    assert total([movement.opening, movement.total]) == movement.closing == book.nav(1)


@given(books)
def test_the_price_part_is_what_each_holding_gained(book: Book) -> None:
    """Old units gain from the prior price, bought ones from their trade price; today's rate."""
    gain = Fraction(0)
    for each in book.holdings:
        held = each.prior_quantity * (each.split * each.price - each.prior_price)
        traded = each.bought * (each.price - each.trade_price)
        gain += Fraction(held + traded) * Fraction(book.rates[each.currency][1])

    movement = book.explained(book.currencies(), Decimal(0))

    roundings = 2 * (len(book.holdings) + len(book.rates)) + 8
    assert abs(Fraction(movement.price) - gain) <= Fraction(roundings, 100)


@given(books, decimals(1, 10**6, 2), st.sampled_from([1, -1]))
def test_cash_that_nothing_explains_is_other_to_the_cent(
    book: Book, found: Decimal, sign: int
) -> None:
    found *= sign
    currencies = [
        replace(each, balances=total([each.balances, found])) if each.currency == "EUR" else each
        for each in book.currencies()
    ]

    movement = book.explained(currencies, found)

    assert movement.other == found
    assert movement.price == book.explained(book.currencies(), Decimal(0)).price


@pytest.mark.parametrize(
    ("gain", "found"), [("50.00", "75.00"), ("0.00", "0.05"), ("0.00", "-0.05")]
)
def test_quantity_that_nothing_explains_is_other_and_not_a_price_gain(
    gain: str, found: str
) -> None:
    """However little it is worth: 5 cents here are less than rounding alone could explain."""
    closing = total([Decimal("1000.00"), Decimal(gain), Decimal(found)])
    euros = CurrencyMovement(
        currency="EUR",
        prior_rate=1,
        rate=1,
        prior_positions=Decimal(1000),
        positions=closing,
        unexplained_quantity=Decimal(found),
    )

    movement = explain(
        [euros],
        opening=Decimal("1000.00"),
        closing=closing,
        fees=Decimal("0.00"),
        capital=Decimal("0.00"),
        rounding=CENTS,
        rounded_amounts=2,
    )

    assert (movement.price, movement.other) == (Decimal(gain), Decimal(found))


def test_interest_is_income_and_a_paid_coupon_no_loss() -> None:
    """Accrued 90 before, a coupon of 100 paid since, accrued 2 today: 12 earned."""
    euros = CurrencyMovement(
        currency="EUR",
        prior_rate=1,
        rate=1,
        prior_positions=Decimal(10090),
        positions=Decimal(10007),
        balances=Decimal(100),
        cash_income=Decimal(100),
        accrued_income=Decimal(-88),
    )

    movement = explain(
        [euros],
        opening=Decimal("10090.00"),
        closing=Decimal("10107.00"),
        fees=Decimal("0.00"),
        capital=Decimal("0.00"),
        rounding=CENTS,
        rounded_amounts=2,
    )

    assert (movement.income, movement.price) == (Decimal("12.00"), Decimal("5.00"))
    assert movement.other == 0


@pytest.mark.parametrize(
    ("closing", "price", "other"),
    [
        ("100.09", "0.09", "0.00"),  # 1 rounded amount and 8 totals: up to 9 cents are rounding
        ("100.10", "0.00", "0.10"),
        ("99.91", "-0.09", "0.00"),
        ("99.90", "0.00", "-0.10"),
    ],
)
def test_a_difference_beyond_rounding_is_other(closing: str, price: str, other: str) -> None:
    euros = CurrencyMovement(
        currency="EUR",
        prior_rate=1,
        rate=1,
        prior_positions=Decimal(100),
        positions=Decimal(100),
    )

    movement = explain(
        [euros],
        opening=Decimal("100.00"),
        closing=Decimal(closing),
        fees=Decimal("0.00"),
        capital=Decimal("0.00"),
        rounding=CENTS,
        rounded_amounts=1,
    )

    assert (movement.price, movement.other) == (Decimal(price), Decimal(other))
