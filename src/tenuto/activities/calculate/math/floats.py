"""How a result of floating point becomes a published decimal."""

from decimal import Decimal


def rounded(value: float, places: int) -> Decimal:
    """The decimal with `places` places that is nearest to `value`, ties to even; never minus zero.

    From the digits of the binary number, so that no magnitude is too small. `value` is finite.
    """
    decimal = Decimal(f"{value:.{places}f}")
    return decimal or abs(decimal)
