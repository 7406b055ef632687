"""What the demo fund held, dealt, and paid. All of it is made up, and consistent with itself:
between any two days, cash and quantities change by these events and by nothing else.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from tenuto.core.money import RoundingMode, difference, divide, multiply, round_to, total
from tenuto.packs.finance.demo.market_data import closes, ecb_rates

LAUNCH = date(2021, 12, 31)

LAUNCH_QUANTITIES = {
    "AAPL": 5900,
    "AMD": 7200,
    "BAC": 24200,
    "BBY": 10900,
    "CVX": 9300,
    "GE": 14100,
    "HD": 2600,
    "JNJ": 6300,
    "JPM": 6900,
    "KO": 18300,
    "LLY": 3800,
    "MRK": 14100,
    "MSFT": 3100,
    "PEP": 6200,
    "PFE": 18700,
    "PG": 6600,
    "RRC": 58800,
    "UNH": 2100,
    "WMT": 7300,
    "XOM": 17900,
}

NAMES = {
    "AAPL": "Apple",
    "AMD": "Advanced Micro Devices",
    "BAC": "Bank of America",
    "BBY": "Best Buy",
    "CVX": "Chevron",
    "GE": "General Electric",
    "HD": "Home Depot",
    "JNJ": "Johnson & Johnson",
    "JPM": "JPMorgan Chase",
    "KO": "Coca-Cola",
    "LLY": "Eli Lilly",
    "MRK": "Merck",
    "MSFT": "Microsoft",
    "PEP": "PepsiCo",
    "PFE": "Pfizer",
    "PG": "Procter & Gamble",
    "RRC": "Range Resources",
    "UNH": "UnitedHealth",
    "WMT": "Walmart",
    "XOM": "Exxon Mobil",
}


@dataclass(frozen=True, kw_only=True)
class Trade:
    """A purchase or sale in USD, at the close of its trade date."""

    trade_id: str
    ticker: str
    side: str
    quantity: int
    trade_date: date
    settle_date: date

    @property
    def net_amount(self) -> Decimal:
        """USD."""
        return round_to(
            multiply(self.quantity, closes()[self.ticker][self.trade_date]),
            2,
            RoundingMode.HALF_EVEN,
        )


@dataclass(frozen=True, kw_only=True)
class Deal:
    """A subscription or redemption at the NAV per unit of its trade date."""

    deal_id: str
    class_id: str
    kind: str
    trade_date: date
    settle_date: date
    units: Decimal
    nav_per_unit: Decimal
    """As the strike of that day finds it; a test holds the two together."""
    currency: str

    @property
    def amount(self) -> Decimal:
        """Class currency."""
        return round_to(multiply(self.units, self.nav_per_unit), 2, RoundingMode.HALF_EVEN)


@dataclass(frozen=True, kw_only=True)
class Dividend:
    """A dividend in USD, of which 15 % is withheld."""

    ca_id: str
    ticker: str
    ex_date: date
    pay_date: date
    rate: Decimal
    """Per share."""

    @property
    def amount(self) -> Decimal:
        """USD, what arrives for the shares held over the ex-date."""
        held = quantity(self.ticker, before=self.ex_date)
        kept = difference(1, WITHHOLDING)
        return round_to(multiply(held, self.rate, kept), 2, RoundingMode.HALF_EVEN)


@dataclass(frozen=True, kw_only=True)
class FeePayment:
    """A fee paid out of the euro account."""

    fee_id: str
    class_id: str
    day: date
    amount: Decimal


WITHHOLDING = Decimal("0.15")

TRADES = (
    Trade(
        trade_id="T-2022-001",
        ticker="XOM",
        side="buy",
        quantity=3000,
        trade_date=date(2022, 6, 15),
        settle_date=date(2022, 6, 17),
    ),
    Trade(
        trade_id="T-2022-002",
        ticker="UNH",
        side="sell",
        quantity=600,
        trade_date=date(2022, 6, 15),
        settle_date=date(2022, 6, 17),
    ),
    Trade(
        trade_id="T-2022-003",
        ticker="WMT",
        side="sell",
        quantity=2000,
        trade_date=date(2022, 12, 27),
        settle_date=date(2022, 12, 29),
    ),
)

DEALS = (
    Deal(
        deal_id="C-2022-001",
        class_id="EUR-A",
        kind="subscription",
        trade_date=date(2022, 11, 30),
        settle_date=date(2022, 12, 5),
        units=Decimal("2500.000"),
        nav_per_unit=Decimal("116.4720"),
        currency="EUR",
    ),
    Deal(
        deal_id="C-2022-002",
        class_id="USD-A",
        kind="redemption",
        trade_date=date(2022, 12, 27),
        settle_date=date(2022, 12, 30),
        units=Decimal("1000.000"),
        nav_per_unit=Decimal("103.3878"),
        currency="USD",
    ),
)

DIVIDENDS = (
    Dividend(
        ca_id="D-KO-2022-Q4",
        ticker="KO",
        ex_date=date(2022, 11, 30),
        pay_date=date(2022, 12, 15),
        rate=Decimal("0.44"),
    ),
    Dividend(
        ca_id="D-PEP-2022-Q4",
        ticker="PEP",
        ex_date=date(2022, 12, 1),
        pay_date=date(2023, 1, 6),
        rate=Decimal("1.15"),
    ),
)

FEE_PAYMENTS = (
    FeePayment(
        fee_id="management",
        class_id="EUR-A",
        day=date(2022, 12, 15),
        amount=Decimal("75000.00"),
    ),
    FeePayment(
        fee_id="administration", class_id="", day=date(2022, 12, 15), amount=Decimal("20000.00")
    ),
)

LAUNCH_CAPITAL = {"EUR": Decimal(10_000_000), "USD": Decimal(6_000_000), "GBP": Decimal(3_000_000)}
"""What each class's first investors paid: launch units x launch price, class currency."""

LAUNCH_CASH = {"USD": Decimal("350000.00"), "GBP": Decimal("45000.00")}
"""What was left of it in other accounts; the euro account has the rest."""


def quantity(ticker: str, *, before: date) -> int:
    """Shares held at the end of the day before `before`, trades counted from their trade date."""
    dealt = (
        each.quantity if each.side == "buy" else -each.quantity
        for each in TRADES
        if each.ticker == ticker and each.trade_date < before
    )
    return LAUNCH_QUANTITIES[ticker] + sum(dealt)


def cash(day: date) -> dict[str, Decimal]:
    """The balance of each account at the end of `day`, by currency."""
    balances = {"EUR": _launch_euros(), **LAUNCH_CASH}
    for currency, amount in _settled(day):
        balances[currency] = total([balances[currency], amount])
    return balances


def _launch_euros() -> Decimal:
    """So that the fund is worth exactly what was paid in, to the cent."""
    paid = total(_in_euro(amount, currency) for currency, amount in LAUNCH_CAPITAL.items())
    invested = total(
        _in_euro(multiply(held, closes()[ticker][LAUNCH]), "USD")
        for ticker, held in LAUNCH_QUANTITIES.items()
    )
    elsewhere = total(_in_euro(amount, currency) for currency, amount in LAUNCH_CASH.items())
    return difference(paid, invested, elsewhere)


def _in_euro(amount: Decimal, currency: str) -> Decimal:
    if currency == "EUR":
        return amount
    rate = ecb_rates()[currency][LAUNCH]
    return divide(amount, rate, places=2, mode=RoundingMode.HALF_EVEN)


def _settled(day: date) -> Iterator[tuple[str, Decimal]]:
    """Currency and amount of all that was paid by the end of `day`; negative went out."""
    for trade in TRADES:
        if trade.settle_date <= day:
            yield "USD", trade.net_amount if trade.side == "sell" else -trade.net_amount
    for deal in DEALS:
        if deal.settle_date <= day:
            is_inflow = deal.kind == "subscription"
            yield deal.currency, deal.amount if is_inflow else -deal.amount
    for dividend in DIVIDENDS:
        if dividend.pay_date <= day:
            yield "USD", dividend.amount
    for payment in FEE_PAYMENTS:
        if payment.day <= day:
            yield "EUR", -payment.amount
