"""Options: value, sensitivities, implied volatility."""

from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from tenuto.catalog import activity
from tenuto.catalog.library.calculate.series import LONG, MOST_INLINE, PURE, QUEUE
from tenuto.core.records import Record

PositiveNumber = Annotated[Decimal, Field(gt=0)]


class OptionTerms(Record):
    """One plain option, with exactly one of volatility and price."""

    option_id: Annotated[str, Field(min_length=1)]
    model: Literal["black-scholes-merton", "black-76", "garman-kohlhagen"]
    """On an asset with a yield, on a forward or future, on a currency."""
    kind: Literal["call", "put"]
    exercise: Literal["european", "american"] = "european"
    method: Literal["barone-adesi-whaley", "binomial", "finite-difference"] = "finite-difference"
    """For American exercise only."""
    steps: Annotated[int, Field(ge=10, le=5000)] = 300
    """Of the tree, or of the grid in time and in space."""
    underlying: PositiveNumber
    """Spot; the forward for `black-76`; quote currency per unit of the other for a currency."""
    strike: PositiveNumber
    years: Annotated[Decimal, Field(gt=0, le=100)]
    """To expiry."""
    rate: Decimal
    """Continuously compounded yearly fraction; of the quote currency for a currency."""
    carry_yield: Decimal = Decimal(0)
    """The same of the dividend yield, or of the foreign currency; not for `black-76`."""
    volatility: PositiveNumber | None = None
    """A yearly fraction."""
    price: PositiveNumber | None = None
    """To find the volatility that gives it."""

    @model_validator(mode="after")
    def _is_one_question(self) -> Self:
        if (self.volatility is None) == (self.price is None):
            raise ValueError("give exactly one of `volatility` and `price`")
        if self.model == "black-76" and self.carry_yield:
            raise ValueError("`black-76` takes the forward, so it has no `carry_yield`")
        return self


class OptionRequest(Record):
    """Price options."""

    options: Annotated[tuple[OptionTerms, ...], Field(min_length=1, max_length=MOST_INLINE)]


class OptionValue(Record):
    """One priced option, 10 decimals each."""

    option_id: str
    price: Decimal
    volatility: Decimal
    """As given, or implied by the price."""
    delta: Decimal
    """For a move of 1 in the underlying."""
    gamma: Decimal
    vega: Decimal
    """For a volatility change of 1, not of one percent."""
    theta: Decimal
    """Per year."""
    rho: Decimal
    """For a rate change of 1."""
    carry_rho: Decimal | None
    """For a change of 1 in `carry_yield`; None for `black-76`."""


class OptionResult(Record):
    """The priced options, in the order they were given."""

    options: tuple[OptionValue, ...]


option = activity(
    "calculate.option",
    request=OptionRequest,
    result=OptionResult,
    summary="Price options and find their sensitivities or implied volatility.",
    queue=QUEUE,
    start_to_close=LONG,
    idempotency=PURE,
)
