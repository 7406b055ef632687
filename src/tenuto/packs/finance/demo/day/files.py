"""The files of the day, as vendors, the custodian, and the bank would send them."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

from tenuto.core.money import RoundingMode, difference, multiply, round_to, total
from tenuto.packs.finance.demo import book
from tenuto.packs.finance.demo.day import faults
from tenuto.packs.finance.demo.day.faults import DAY, PRIOR
from tenuto.packs.finance.demo.files import Rows, write_rows
from tenuto.packs.finance.demo.market_data import closes

_SHOWN_DAYS = 30

Quote = tuple[date, Decimal, str]


def write_day(folder: Path) -> dict[str, Path]:
    """Writes every file into `folder`; its name -> its path. The same bytes every time."""
    folder.mkdir(parents=True, exist_ok=True)
    tables = {
        "instruments": _instruments(),
        "quotes_alpha": _quotes("alpha"),
        "quotes_beta": _quotes("beta"),
        "history": _history(),
        "book_positions": _book_positions(),
        "custodian_positions": _custodian_positions(),
        "ledger_cash": _ledger(),
        "bank_cash": _bank(),
    }
    paths = {name: folder / f"{name}.csv" for name in tables}
    for name, rows in tables.items():
        write_rows(paths[name], rows)
    return paths


def true_price(instrument_id: str) -> Decimal:
    """The close that a person finds on a screen, whatever the vendors sent."""
    return closes()[instrument_id][DAY]


def _instruments() -> Rows:
    yield "instrument_id", "type", "currency", "unit", "country", "name"
    for ticker, name in book.NAMES.items():
        yield ticker, "equity", "USD", "unit", "US", name


def _quotes(vendor: str) -> Rows:
    yield "instrument_id", "date", "source", "field", "price", "currency"
    for ticker in book.NAMES:
        for day, price, currency in _sent(vendor, ticker):
            yield ticker, day, vendor, "close", price, currency


def _sent(vendor: str, ticker: str) -> list[Quote]:
    """What the vendor sends for one share: yesterday's close and today's, unless it is faulty."""
    series = closes()[ticker]
    before, today = (PRIOR, series[PRIOR], "USD"), (DAY, series[DAY], "USD")
    is_alpha = vendor == "alpha"
    match ticker:
        case "KO":
            return [(faults.STALE_CLOSE, series[faults.STALE_CLOSE], "USD")]
        case "BBY":
            return []
        case "JPM" if is_alpha:
            return [before, (DAY, _rounded(multiply(series[DAY], faults.SPIKE)), "USD")]
        case "PG" if is_alpha:
            return [before, (DAY, multiply(series[DAY], faults.CENTS), "USD")]
        case "GE" if is_alpha:
            return [before, (DAY, Decimal(0), "USD")]
        case "PFE" if is_alpha:
            return [before, (DAY, series[DAY], "GBP")]
        case "MRK" if not is_alpha:
            return [before, (DAY, _rounded(multiply(series[DAY], faults.APART)), "USD")]
        case _:
            return [before, today]


def _history() -> Rows:
    """The prices that earlier sets published."""
    yield "instrument_id", "date", "price"
    for ticker in book.NAMES:
        days = [day for day in closes()[ticker] if day <= PRIOR][-_SHOWN_DAYS:]
        for day in days:
            yield ticker, day, closes()[ticker][day]


def _held() -> Iterator[tuple[str, str, int]]:
    for ticker, name in book.NAMES.items():
        yield ticker, name, book.quantity(ticker, before=date.fromordinal(DAY.toordinal() + 1))


def _book_positions() -> Rows:
    yield "instrument_id", "name", "type", "currency", "quantity"
    for ticker, name, quantity in _held():
        yield ticker, name, "equity", "USD", quantity


def _custodian_positions() -> Rows:
    """Under the custodian's own headings, and Exxon in two lots, which is no fault."""
    yield "SecurityId", "SecurityName", "Ccy", "Units"
    for ticker, name, quantity in _held():
        match ticker:
            case "RRC":
                continue
            case "MSFT":
                yield ticker, name, "USD", quantity - faults.QUANTITY_SHORT
            case "XOM":
                yield ticker, name, "USD", quantity - 3000
                yield ticker, name, "USD", 3000
            case _:
                yield ticker, name, "USD", quantity
    yield "T", "AT&T", "USD", faults.UNKNOWN_SHARES


def _booked() -> Iterator[tuple[str, date, Decimal, str]]:
    """Reference, date, amount, and text of what moved the dollar account in December."""
    for dividend in book.DIVIDENDS:
        if date(2022, 12, 1) <= dividend.pay_date <= DAY:
            yield dividend.ca_id, dividend.pay_date, dividend.amount, f"Dividend {dividend.ticker}"
    yield "W-2022-117", date(2022, 12, 20), Decimal("-800.00"), "Legal adviser"
    yield "W-2022-119", date(2022, 12, 21), Decimal("-450.25"), "Index licence"
    yield "W-2022-119", date(2022, 12, 21), Decimal("-149.75"), "Index licence, tax"


def _ledger() -> Rows:
    yield "reference", "date", "currency", "amount", "description"
    for reference, day, amount, text in _booked():
        yield reference, day, "USD", amount, text
    yield "W-2022-118", date(2022, 12, 27), "USD", faults.UNPAID, "Data vendor"


def _bank() -> Rows:
    """The licence in one sum, which is no fault: it equals its two bookings."""
    yield "Ref", "BookingDate", "Currency", "Amount", "Text"
    sums: dict[str, tuple[date, Decimal, str]] = {}
    for reference, day, amount, text in _booked():
        earlier = sums.get(reference, (day, Decimal(0), text))[1]
        sums[reference] = (day, total([earlier, amount]), text)
    for reference, (day, amount, text) in sums.items():
        is_short = reference == "D-KO-2022-Q4"
        credited = difference(amount, faults.DIVIDEND_SHORT) if is_short else amount
        yield reference, day, "USD", credited, text.upper()
    yield "BANK-FEE-12", date(2022, 12, 23), "USD", faults.BANK_FEE, "SAFEKEEPING DECEMBER"


def _rounded(price: Decimal) -> Decimal:
    return round_to(price, 4, RoundingMode.HALF_EVEN)
