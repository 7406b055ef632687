"""The demo fund as the files an operations team would have on its desk."""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

from tenuto.core.errors import UsageError
from tenuto.packs.finance.demo import book
from tenuto.packs.finance.demo.market_data import Series, closes, ecb_rates, index_levels

STRIKES = (date(2021, 12, 31), date(2022, 11, 30), date(2022, 12, 27), date(2022, 12, 28))
"""Launch, a month end, and two days in a row: year, month, and day returns of the last are real."""

Rows = Iterable[Sequence[object]]
"""A table as tuples of cells, the header first."""

_FUND = Path(__file__).with_name("fund.yaml")
_SHOWN_DAYS = 5


@dataclass(frozen=True, kw_only=True)
class DemoFiles:
    """One strike of the demo fund: its date and its files, by field of `DailyNavRequest`."""

    date: date
    fund: Path
    positions: Path
    prices: Path
    fx: Path
    cash: Path
    transactions: Path
    capital: Path
    corporate_actions: Path
    fee_payments: Path
    benchmark: Path

    def fields(self) -> dict[str, str]:
        """Every field of a start of `daily-nav` as text: file names, and the date."""
        return {name: str(value) for name, value in vars(self).items()}


def demo_strikes(folder: Path) -> list[DemoFiles]:
    """The files of all strikes, written below `folder`, in the order in which to strike them."""
    return [write_demo(folder, day) for day in STRIKES]


def write_demo(folder: Path, day: date) -> DemoFiles:
    """Writes `fund.yaml` into `folder` and the inputs of `day` into a subfolder of that name.

    The same bytes every time, but for the outbox in `fund.yaml`, which is beside it. Raises
    UsageError for a day without closes, a day before launch, and when the packages with the
    market data are not installed.
    """
    _refuse_unknown_day(day)
    inputs = folder / day.isoformat()
    inputs.mkdir(parents=True, exist_ok=True)
    fund = folder / "fund.yaml"
    outbox = (folder / "outbox").absolute()
    fund.write_text(_FUND.read_text("utf-8").replace("@OUTBOX@", outbox.as_posix()), "utf-8")
    tables = {
        "positions": _positions(day),
        "prices": _prices(day),
        "fx": _fx(day),
        "cash": _cash(day),
        "transactions": _transactions(day),
        "capital": _capital(day),
        "corporate_actions": _corporate_actions(day),
        "fee_payments": _fee_payments(day),
        "benchmark": _benchmark(day),
    }
    paths = {name: inputs / f"{name}.csv" for name in tables}
    for name, rows in tables.items():
        write_rows(paths[name], rows)
    return DemoFiles(date=day, fund=fund, **paths)


def write_rows(path: Path, rows: Rows) -> None:
    """Writes the rows as CSV, header first."""
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)


def _refuse_unknown_day(day: date) -> None:
    days = index_levels()
    if day < book.LAUNCH or day not in days:
        raise UsageError(
            f"The demo fund has no prices for {day}; take a trading day from {book.LAUNCH} to "
            f"{max(days)}, for example {STRIKES[-1]}.",
            code="demo.no-such-day",
        )


def _until(series: Series, day: date, *, count: int = _SHOWN_DAYS) -> list[tuple[date, Decimal]]:
    return [(each, value) for each, value in series.items() if each <= day][-count:]


def _positions(day: date) -> Rows:
    yield "instrument_id", "name", "type", "currency", "quantity"
    for ticker, name in book.NAMES.items():
        held = book.quantity(ticker, before=day + timedelta(days=1))
        yield ticker, name, "equity", "USD", held


def _prices(day: date) -> Rows:
    yield "instrument_id", "date", "price", "currency", "source"
    for ticker in book.NAMES:
        for each, price in _until(closes()[ticker], day):
            yield ticker, each, price, "USD", "skfolio"


def _fx(day: date) -> Rows:
    yield "date", "base", "quote", "rate"
    for currency in ("GBP", "USD"):
        for each, rate in _until(ecb_rates()[currency], day):
            yield each, "EUR", currency, rate


def _cash(day: date) -> Rows:
    yield "account", "currency", "amount"
    for currency, amount in sorted(book.cash(day).items()):
        yield f"custodian-{currency.lower()}", currency, amount


def _transactions(day: date) -> Rows:
    yield (
        "trade_id",
        "instrument_id",
        "side",
        "quantity",
        "price",
        "currency",
        "net_amount",
        "trade_date",
        "settle_date",
    )
    for trade in book.TRADES:
        if trade.trade_date <= day:
            price = closes()[trade.ticker][trade.trade_date]
            yield (
                trade.trade_id,
                trade.ticker,
                trade.side,
                trade.quantity,
                price,
                "USD",
                trade.net_amount,
                trade.trade_date,
                trade.settle_date,
            )


def _capital(day: date) -> Rows:
    yield "deal_id", "class_id", "type", "trade_date", "settle_date", "units", "amount"
    for deal in book.DEALS:
        if deal.trade_date < day:
            yield (
                deal.deal_id,
                deal.class_id,
                deal.kind,
                deal.trade_date,
                deal.settle_date,
                deal.units,
                deal.amount,
            )


def _corporate_actions(day: date) -> Rows:
    yield (
        "ca_id",
        "instrument_id",
        "type",
        "ex_date",
        "pay_date",
        "rate",
        "currency",
        "withholding_rate",
    )
    for dividend in book.DIVIDENDS:
        if dividend.ex_date <= day:
            yield (
                dividend.ca_id,
                dividend.ticker,
                "dividend",
                dividend.ex_date,
                dividend.pay_date,
                dividend.rate,
                "USD",
                book.WITHHOLDING,
            )


def _fee_payments(day: date) -> Rows:
    yield "fee_id", "class_id", "date", "amount"
    for payment in book.FEE_PAYMENTS:
        if payment.day <= day:
            yield payment.fee_id, payment.class_id, payment.day, payment.amount


def _benchmark(day: date) -> Rows:
    yield "date", "level"
    yield from _until(index_levels(), day)
