"""What stands in the place of a value that is not there: never 0, never empty, never `None`."""

from collections.abc import Iterator
from typing import Any, NoReturn


class Missing:
    """A value that the query did not give.

    It prints as the report's own word, and what is calculated with it is missing too. Comparing
    it is an error: `spend > limit` would be false, and a report would say that all is well.
    """

    def __init__(self, word: str = "n/a") -> None:
        self._word = word

    def __str__(self) -> str:
        return self._word

    def __bool__(self) -> bool:
        return False

    def __eq__(self, other: object) -> bool:
        return other is None or isinstance(other, Missing)

    def __hash__(self) -> int:
        return hash(None)

    def __iter__(self) -> Iterator[Any]:
        return iter(())

    def __len__(self) -> int:
        return 0

    def _stay(self, *_: Any) -> "Missing":
        return self

    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = _stay
    __truediv__ = __rtruediv__ = __floordiv__ = __rfloordiv__ = _stay
    __mod__ = __rmod__ = __pow__ = __rpow__ = __neg__ = __pos__ = __abs__ = _stay

    def _refuse(self, _: object) -> NoReturn:
        raise MissingCompared(
            "a missing value is compared; test it first with `is missing`, or give it a value "
            "with `default`"
        )

    __lt__ = __le__ = __gt__ = __ge__ = _refuse


class MissingCompared(Exception):  # noqa: N818 (what happened)
    """A missing value was compared with another."""


def is_missing(value: object) -> bool:
    """Whether there is no value: missing, null, or not a number."""
    return value is None or isinstance(value, Missing) or value != value
