"""What is wrong with the day's files, and by which finding it must come to light."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

DAY = date(2022, 12, 27)
PRIOR = date(2022, 12, 23)
"""The trading day before: Christmas lies between."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Fault:
    """One thing that somebody sent wrong."""

    where: str
    """`prices`, `positions`, or `cash`."""
    subject: str
    """The instrument, or the reference of an entry."""
    finding: str
    """The check or the class of break that must name it."""
    story: str
    """In words."""

    @property
    def name(self) -> str:
        """`<where>/<subject>/<finding>`."""
        return f"{self.where}/{self.subject}/{self.finding}"


PRICES = (
    Fault(
        where="prices",
        subject="KO",
        finding="stale",
        story="both vendors still send the close of 22 December",
    ),
    Fault(where="prices", subject="JPM", finding="own-change", story="alpha's price is 9 % up"),
    Fault(where="prices", subject="BBY", finding="missing", story="no vendor sends a price"),
    Fault(
        where="prices",
        subject="PG",
        finding="unit-change",
        story="alpha sends cents where dollars belong",
    ),
    Fault(where="prices", subject="GE", finding="not-positive", story="alpha sends 0"),
    Fault(where="prices", subject="PFE", finding="currency", story="alpha says it is in GBP"),
    Fault(
        where="prices",
        subject="MRK",
        finding="source-spread",
        story="beta is 2 % away from alpha",
    ),
)

BREAKS = (
    Fault(
        where="positions",
        subject="MSFT",
        finding="quantity",
        story="the custodian has 50 shares less",
    ),
    Fault(
        where="positions",
        subject="RRC",
        finding="missing-theirs",
        story="the custodian's file lacks the position",
    ),
    Fault(
        where="positions",
        subject="T",
        finding="missing-ours",
        story="the custodian lists shares that nobody bought",
    ),
    Fault(
        where="cash",
        subject="D-KO-2022-Q4",
        finding="amount",
        story="the bank credited the dividend 12.40 short",
    ),
    Fault(
        where="cash",
        subject="BANK-FEE-12",
        finding="missing-ours",
        story="the bank charged a fee that is not booked",
    ),
    Fault(
        where="cash",
        subject="W-2022-118",
        finding="missing-theirs",
        story="a payment that the bank has not made",
    ),
)

FAULTS = (*PRICES, *BREAKS)

STALE_CLOSE = date(2022, 12, 22)
SPIKE = Decimal("1.09")
CENTS = Decimal(100)
APART = Decimal("1.02")
QUANTITY_SHORT = 50
UNKNOWN_SHARES = 500
DIVIDEND_SHORT = Decimal("12.40")
BANK_FEE = Decimal("-35.00")
UNPAID = Decimal("-1250.00")
