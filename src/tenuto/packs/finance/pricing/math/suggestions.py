"""What the figures of an exception speak for."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from tenuto.packs.finance.pricing.models import Suggestion
from tenuto.packs.finance.pricing.policy import RuleId

_ABOUT_MOVES = {"own-change", "volatility", "benchmark", "peer", "sector", "unchanged"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Rival:
    """Another source's usable price, further down the waterfall."""

    source: str
    price: Decimal
    date: date
    age_days: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Figures:
    """What is known about one questioned price."""

    rules: tuple[RuleId, ...]
    """Failed, and not just a warning."""
    price: Decimal | None
    source: str | None
    price_date: date | None
    age_days: int | None
    expected: Decimal | None
    """The prior price after corporate actions."""
    change_limit: Decimal | None
    agree_limit: Decimal
    """Two sources that differ by no more agree."""
    rivals: tuple[Rival, ...]
    """Best rank first."""


def suggest(figures: Figures) -> Suggestion:
    """The first of these that holds; a fact about prices, never a decision.

    A newer price of the next source; a second source that agrees with a move; a next source that
    has no such move.
    """
    price = figures.price
    if any(rule in ("fx-change", "fx-triangle") for rule in figures.rules):
        return _nothing("compare the rates of the file with another source")
    if price is None:
        return Suggestion(action=None, reason="no source has a usable price: find one and set it")
    if set(figures.rules) == {"fair-value"}:
        reason = "the fair-value waterfall of the policy gives this price"
        return Suggestion(action="accept", price=price, source=figures.source, reason=reason)
    following = figures.rivals[0] if figures.rivals else None
    if "stale" in figures.rules and following and following.age_days < (figures.age_days or 0):
        return _next(following, f"it has a price of {following.date}")
    if "source-spread" in figures.rules:
        return _nothing("sources disagree: ask them, or set a price")
    confirming = [
        each
        for each in figures.rivals
        if each.source != figures.source
        and each.date == figures.price_date
        and _within(each.price, price, figures.agree_limit)
    ]
    if confirming and set(figures.rules) <= _ABOUT_MOVES:
        names = ", ".join(each.source for each in confirming)
        return Suggestion(
            action="accept",
            price=price,
            source=figures.source,
            reason=f"{names} confirms the price",
        )
    if following and _has_no_such_move(following, figures):
        return _next(following, "its price is within the change limit")
    return _nothing("nothing else is known: ask the source, or set a price")


def _has_no_such_move(rival: Rival, figures: Figures) -> bool:
    if figures.expected is None or figures.change_limit is None:
        return False
    is_newer = rival.age_days <= (figures.age_days or 0)
    return is_newer and _within(rival.price, figures.expected, figures.change_limit)


def _within(one: Decimal, other: Decimal, limit: Decimal) -> bool:
    return abs(Fraction(one) - Fraction(other)) <= Fraction(limit) * Fraction(other)


def _next(rival: Rival, reason: str) -> Suggestion:
    return Suggestion(
        action="next_source",
        price=rival.price,
        source=rival.source,
        reason=f"{rival.source}: {reason}",
    )


def _nothing(reason: str) -> Suggestion:
    return Suggestion(action=None, reason=reason)
