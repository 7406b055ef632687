"""What a model is fed, and what comes out."""

from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

from tenuto.packs.finance.pricing.math.curves import Point


@dataclass(frozen=True, kw_only=True, slots=True)
class ModelInput:
    """One number a model uses."""

    value: Decimal
    source: str
    level: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Curve:
    """Yields by maturity."""

    points: list[Point]
    source: str
    level: int


@dataclass(frozen=True, kw_only=True, slots=True)
class ModelPrice:
    """A model's price, in the currency of its instrument."""

    price: Decimal
    """Per unit; of a bond per 100 nominal, clean."""
    level: int
    inputs: dict[str, str] = field(default_factory=dict)
    """Input -> value and source, for the price record."""


@dataclass(frozen=True, kw_only=True, slots=True)
class NoPrice:
    """Why a model gives no price."""

    reason: str


PLACES = 8
"""Decimals of a model's price: floats inside, so no more digits are real."""


def told(name: str, given: ModelInput) -> tuple[str, str]:
    """An input as it stands in the price record."""
    return name, f"{given.value.normalize():f} ({given.source})"


def as_price(value: float | Fraction) -> Decimal:
    """`value` with eight decimals, half-even."""
    scaled = round(Fraction(value) * 10**PLACES)
    return Decimal(scaled).scaleb(-PLACES)
