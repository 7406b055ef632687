"""Dated numbers, as every calculation over time takes them: inline when few, a table when many."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Annotated

from pydantic import Field

from tenuto.core.records import Record

Day = date
"""For fields below one that is itself called `date`, and hides the type from a type checker."""

QUEUE = "compute"
MOST_INLINE = 1000
"""Items a request may carry itself; more travel as a table in the artifact store."""
LONG = timedelta(minutes=10)
SHORT = timedelta(minutes=2)

PURE = "Reads pinned inputs and calculates; it changes nothing."
SAME_BYTES = "The same inputs give the same bytes, and the store keeps equal bytes once."


class DatedAmount(Record):
    """An amount of money on a day, in the currency that the request names."""

    date: date
    amount: Decimal


class DatedNumber(Record):
    """A number on a day: a return as a fraction, or the level of an index."""

    date: date
    value: Decimal


Amounts = Annotated[tuple[DatedAmount, ...], Field(max_length=MOST_INLINE)]
Numbers = Annotated[tuple[DatedNumber, ...], Field(max_length=MOST_INLINE)]


class Measure(Record):
    """A statistic, or why there is none."""

    value: Decimal | None
    """None when it cannot be known; never 0 in its place."""
    missing: str | None = None
    """Why `value` is None."""
