"""An axis with round numbers on it."""

from dataclasses import dataclass
from decimal import Decimal

_STEPS = (Decimal(1), Decimal(2), Decimal("2.5"), Decimal(5), Decimal(10))
_TICKS = 5


@dataclass(frozen=True)
class Axis:
    """From `low` to `high`, with a tick at each `step`."""

    low: Decimal
    high: Decimal
    step: Decimal

    @property
    def ticks(self) -> list[Decimal]:
        """The round numbers, from the lowest."""
        count = int((self.high - self.low) / self.step)
        return [_short(self.low + each * self.step) for each in range(count + 1)]

    def place(self, value: Decimal) -> float:
        """Where a value stands: 0 at the foot, 1 at the head."""
        return float((value - self.low) / (self.high - self.low))


def axis_over(low: Decimal, high: Decimal) -> Axis:
    """The axis that holds both, with about five ticks.

    Zero is on it unless the values lie far from it and close together.
    """
    if low > 0 and low < (high - low) * 3:
        low = Decimal(0)
    if high < 0 and -high < (high - low) * 3:
        high = Decimal(0)
    if low == high:
        low, high = low - max(abs(low) / 10, Decimal(1)), high + max(abs(high) / 10, Decimal(1))
    rough = (high - low) / (_TICKS - 1)
    magnitude = Decimal(1).scaleb(rough.adjusted())
    step = next(each * magnitude for each in _STEPS if each * magnitude >= rough)
    foot = (low / step).to_integral_value(rounding="ROUND_FLOOR") * step
    head = (high / step).to_integral_value(rounding="ROUND_CEILING") * step
    return Axis(foot, head, step)


def _short(value: Decimal) -> Decimal:
    short = value.normalize()
    exponent = short.as_tuple().exponent
    return short.quantize(Decimal(1)) if isinstance(exponent, int) and exponent > 0 else short
