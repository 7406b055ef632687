"""Whether a result is JSON, and small enough to travel."""

import math
from typing import Any

from tenuto.definitions.expressions.limits import (
    DATA_DEPTH,
    INTEGER_BITS,
    INTEGER_DIGITS,
    RESULT_SIZE,
)
from tenuto.definitions.expressions.meter import Stop


class Sizes:
    """Adds up what the results of one template take together."""

    def __init__(self) -> None:
        self.total = 0

    def add(self, value: Any) -> None:
        """Raises Stop when `value` is no JSON, or when all together are too large."""
        level = [value]
        for _ in range(DATA_DEPTH + 1):
            if not level:
                return
            level = self._count(level)
        raise Stop(f"Its result has more than {DATA_DEPTH} levels.", "Make it flatter.")

    def _count(self, level: list[Any]) -> list[Any]:
        """Counts the values of one level and gives those of the next."""
        following: list[Any] = []
        for value in level:
            self.total += 1
            match value:
                case str():
                    self.total += len(value)
                case dict():
                    following += value.values()
                    self.total += sum(map(len, value))
                case list():
                    following += value
                case _:
                    _refuse_no_json(value)
            if self.total + len(following) > RESULT_SIZE:
                raise Stop(
                    f"Its result is larger than {RESULT_SIZE:,} values and characters.",
                    "Write it to an artifact in an activity, and pass the reference.",
                )
        return following


def _refuse_no_json(value: Any) -> None:
    if type(value) is float and not math.isfinite(value):
        raise Stop(
            "Its result is not a number, or infinite: JSON has no such value.",
            "Check the operands first, for example with `if`.",
        )
    if type(value) is int and value.bit_length() > INTEGER_BITS:
        raise Stop(
            f"Its result is an integer of more than {INTEGER_DIGITS} digits.",
            "Check what is added or multiplied.",
        )
