"""Time-weighted returns: the gain between two valuations, linked into an index.

True time-weighted and Modified Dietz as in the GIPS standards (CFA Institute, 2020, section 2.A,
and the guidance on calculation methodology). Every gain is formed
from exact fractions; the index keeps 18 decimals, half even, so that a thousand links stay
within 1e-15 of the exact product.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Literal

from tenuto.core.money import RoundingMode, exact, round_to

INDEX_PLACES = 18

Method = Literal["daily", "modified-dietz"]
FlowTiming = Literal["start-of-day", "end-of-day"]
Valuation = tuple[date, Decimal]


@dataclass(frozen=True)
class Break:
    """A stretch over which no return can be known."""

    since: date
    until: date
    why: str


@dataclass(frozen=True)
class Chain:
    """An index through the valuations, 1 at the first; a break is passed over and remembered."""

    index: Mapping[date, Decimal]
    breaks: tuple[Break, ...]

    def break_between(self, since: date, until: date) -> Break | None:
        """The first break that touches the time after `since`, up to and with `until`."""
        touching = (each for each in self.breaks if each.since < until and each.until > since)
        return next(touching, None)


def link(
    valuations: Sequence[Valuation],
    flows: Mapping[date, Decimal],
    *,
    charges: Mapping[date, Decimal],
    method: Method,
    timing: FlowTiming,
    is_dealing_day: Callable[[date], bool],
) -> Chain:
    """The chain through `valuations`, which are in order of their dates.

    `charges` are taken out at the end of their day whatever `timing` says. The index stays
    where it is over a break.
    """
    index = {valuations[0][0]: Decimal(1)}
    breaks = []
    level = Decimal(1)
    for opening, closing in pairwise(valuations):
        stretch = _Stretch(
            opening=opening,
            closing=closing,
            flows=_within(flows, opening[0], closing[0]),
            charges=_within(charges, opening[0], closing[0]),
            timing=timing,
        )
        growth = (
            _modified_dietz(stretch)
            if method == "modified-dietz"
            else _true(stretch, is_dealing_day)
        )
        if isinstance(growth, str):
            breaks.append(Break(opening[0], closing[0], growth))
        else:
            level = round_to(exact(level) * growth, INDEX_PLACES, RoundingMode.HALF_EVEN)
        index[closing[0]] = level
    return Chain(index=index, breaks=tuple(breaks))


@dataclass(frozen=True)
class _Stretch:
    opening: Valuation
    closing: Valuation
    flows: Sequence[Valuation]
    charges: Sequence[Valuation]
    timing: FlowTiming

    @property
    def days(self) -> int:
        return (self.closing[0] - self.opening[0]).days


def _within(amounts: Mapping[date, Decimal], after: date, through: date) -> list[Valuation]:
    return sorted((day, amount) for day, amount in amounts.items() if after < day <= through)


def _true(stretch: _Stretch, is_dealing_day: Callable[[date], bool]) -> Fraction | str:
    """Growth where every flow meets a valuation, or why it cannot be known."""
    start, end = stretch.opening[0], stretch.closing[0]
    at_start = stretch.timing == "start-of-day"
    early = [each for each in stretch.flows if each[0] < end or at_start]
    early += [(day, amount.copy_negate()) for day, amount in stretch.charges if day < end]
    if early:
        between = (start + timedelta(days=n) for n in range(1, stretch.days))
        unvalued = next((day for day in between if is_dealing_day(day)), None)
        if unvalued:
            return (
                f"There is a flow on {early[0][0]} and no valuation for {unvalued}; value the "
                "portfolio on that day, or use `modified-dietz`."
            )
    late = _sum(amount for day, amount in stretch.flows if day == end and not at_start)
    charged = _sum(amount for day, amount in stretch.charges if day == end)
    invested = exact(stretch.opening[1]) + _sum(amount for _, amount in early)
    return _growth(stretch, exact(stretch.closing[1]) - late + charged, invested)


def _modified_dietz(stretch: _Stretch) -> Fraction | str:
    """`1 + (V1 - V0 - F) / (V0 + sum of w F)`, w the share of the days a flow was there."""
    at_start = 1 if stretch.timing == "start-of-day" else 0
    dated = [(day, exact(amount), at_start) for day, amount in stretch.flows]
    dated += [(day, -exact(amount), 0) for day, amount in stretch.charges]
    end = stretch.closing[0]
    weighted = sum(
        (Fraction((end - day).days + extra, stretch.days) * amount for day, amount, extra in dated),
        Fraction(0),
    )
    net = sum((amount for _, amount, _ in dated), Fraction(0))
    invested = exact(stretch.opening[1]) + weighted
    gain = exact(stretch.closing[1]) - exact(stretch.opening[1]) - net
    return _growth(stretch, invested + gain, invested)


def _growth(stretch: _Stretch, reached: Fraction, invested: Fraction) -> Fraction | str:
    if invested <= 0:
        return (
            f"Between {stretch.opening[0]} and {stretch.closing[0]} nothing was invested that "
            "could earn a return; measure from a later day."
        )
    return reached / invested


def _sum(amounts: Iterable[Decimal]) -> Fraction:
    return sum((exact(amount) for amount in amounts), Fraction(0))
