"""Forward exchange rates by covered interest parity."""

from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from tenuto.catalog import activity
from tenuto.catalog.library.calculate.series import MOST_INLINE, PURE, QUEUE, SHORT, Day
from tenuto.core.currency import Currency
from tenuto.core.records import Record

YearBasis = Literal[360, 365]


class FxForwardTerms(Record):
    """One forward: `spot` units of `quote` for one unit of `base`."""

    base: Currency
    quote: Currency
    spot: Annotated[Decimal, Field(gt=0)]
    spot_date: Day
    """The day spot trades settle."""
    delivery: Day
    base_rate: Decimal
    """Yearly fraction."""
    quote_rate: Decimal
    """Yearly fraction."""
    compounding: Literal["simple", "continuous"] = "simple"
    """`simple` is the money market's."""
    base_year: YearBasis = 360
    """Days of the base currency's year: 365 for GBP, AUD and some others."""
    quote_year: YearBasis = 360
    places: Annotated[int, Field(ge=0, le=12)] = 8
    """Decimals of the forward rate, half even."""
    point_places: Annotated[int, Field(ge=0, le=8)] = 4
    """One point is this decimal: 4 for most pairs, 2 for the yen."""

    @model_validator(mode="after")
    def _is_a_forward(self) -> Self:
        if self.base == self.quote:
            raise ValueError("a pair has two currencies")
        if self.delivery < self.spot_date:
            raise ValueError("delivery is before the spot date")
        return self


class FxForwardRequest(Record):
    """Price forwards."""

    forwards: Annotated[tuple[FxForwardTerms, ...], Field(min_length=1, max_length=MOST_INLINE)]


class FxForwardValue(Record):
    """One priced forward."""

    base: Currency
    quote: Currency
    delivery: Day
    days: int
    forward: Decimal
    """Units of `quote` for one unit of `base`, `places` decimals."""
    points: Decimal
    """Forward less spot in points, 4 decimals."""


class FxForwardResult(Record):
    """The priced forwards, in the order they were given."""

    forwards: tuple[FxForwardValue, ...]


fx_forward = activity(
    "calculate.fx_forward",
    request=FxForwardRequest,
    result=FxForwardResult,
    summary="Price currency forwards by covered interest parity.",
    queue=QUEUE,
    start_to_close=SHORT,
    idempotency=PURE,
)
