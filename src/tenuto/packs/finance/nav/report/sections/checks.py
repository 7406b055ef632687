"""Every tolerance check with what it saw, and what people said about the breaches."""

from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from functools import partial
from typing import Any, Literal

from tenuto.activities.documents.bars import Bar, Series, bars
from tenuto.activities.documents.figures import (
    NO_VALUE,
    amount,
    exact_percent,
    percent,
    places_of,
    prose,
    trimmed,
    words,
)
from tenuto.core.money import RoundingMode, round_to
from tenuto.packs.finance.nav.models import NavResult
from tenuto.packs.finance.nav.parts import Check, Comment

TITLES = {
    "unit-nav-change": "NAV per unit against the prior one",
    "market-value-change": "Market value against the prior day",
    "administrator-variance": "Variance to the administrator's NAV",
    "benchmark-multiple": "Return as a multiple of the benchmark's",
    "unexplained-movement": "Unexplained movement",
    "stale-prices": "Age of prices",
    "price-change": "Price change since the prior NAV",
    "stale-fx": "Age of FX fixings",
    "units-roll-forward": "Units: opening, deals, closing",
    "missing-price": "Weight of holdings without a price",
    "open-breaks": "Open reconciliation breaks",
    "position-breaks": "Positions against the reconciled ones",
    "expected-nav": "NAV per unit against the expected one",
    "hedge-ratio": "Hedge of a class against its target",
    "prior-nav": "Prior NAV",
    "corporate-action-election": "Election still open",
    "intrinsic-value": "Valued at its intrinsic value",
    "price-not-adjusted": "Price not adjusted for a corporate action",
    "swing-override": "Swing decided by a person",
    "performance-fee-terms": "Terms of the performance fee",
}

Outcome = Literal["pass", "warn", "fail", "missing"]

_MANY = 8
"""Checks from which a chart says more than the list."""

_SERIES: dict[Outcome, Series] = {
    "fail": Series(name="Breach", tone="bad"),
    "warn": Series(name="Warning", tone="warn"),
    "missing": Series(name="Missing", tone="soft"),
    "pass": Series(name="Pass", tone="good"),
}


def checks(result: NavResult) -> dict[str, Any]:
    """Every check, breaches before passes, and how many there are of each outcome."""
    order = list(_SERIES)
    return {
        "counts": {
            outcome: sum(each.outcome == outcome for each in result.checks) for outcome in order
        },
        "chart": _chart(result),
        "rows": [
            _row(each, result)
            for each in sorted(result.checks, key=lambda each: order.index(each.outcome))
        ],
    }


def _chart(result: NavResult) -> dict[str, Any] | None:
    """Checks by rule in parts by outcome, where there are enough of them to need it."""
    if len(result.checks) < _MANY:
        return None
    counted = Counter((each.rule, each.outcome) for each in result.checks)
    rules = sorted({each.rule for each in result.checks}, key=_place)
    return bars(
        [
            Bar(
                label=TITLES.get(rule, rule),
                parts=[counted[rule, outcome] for outcome in _SERIES],
                text=f"{sum(counted[rule, outcome] for outcome in _SERIES):,}",
            )
            for rule in rules
        ],
        what="checks by rule, each bar in parts by outcome",
        series=list(_SERIES.values()),
        longest=48,
    )


def _place(rule: str) -> tuple[int, str]:
    known = list(TITLES)
    return (known.index(rule) if rule in known else len(known), rule)


def _row(check: Check, result: NavResult) -> dict[str, Any]:
    value, limit = _shown(check, result)
    return {
        "rule": words(TITLES.get(check.rule, check.rule)),
        "subject": words(check.subject),
        "value": value,
        "limit": limit,
        "outcome": check.outcome,
        "severity": check.severity,
        "note": prose(check.note),
        "comments": [_comment(each) for each in check.comments],
    }


def _comment(comment: Comment) -> str:
    when = f", {comment.at:%Y-%m-%d %H:%M} UTC" if comment.at else ""
    return f"{prose(comment.text)} ({words(comment.by)}{when})"


def _shown(check: Check, result: NavResult) -> tuple[str, str]:
    """Value and limit. Rounded for reading, but never so that a breach looks like its limit."""
    brief, full = _unit(check.rule, result)
    if check.value is None:
        return NO_VALUE, full(check.limit)
    value = brief(check.value)
    looks_like_its_limit = check.value != check.limit and value == brief(check.limit)
    return (full(check.value) if looks_like_its_limit else value), full(check.limit)


def _unit(rule: str, result: NavResult) -> "_Unit":
    if rule == "unexplained-movement":
        money = partial(_money, places=places_of(result.nav), currency=result.base_currency)
        return money, money
    return _UNITS.get(rule, (trimmed, trimmed))


def _money(value: Decimal, *, places: int, currency: str) -> str:
    return f"{trimmed(value, places)} {currency}"


def _brief_percent(value: Decimal) -> str:
    return percent(value, 4)


def _brief_multiple(value: Decimal) -> str:
    return amount(round_to(value, 2, RoundingMode.HALF_EVEN), 2) + "\u00d7"


def _multiple(value: Decimal) -> str:
    return trimmed(value, 2) + "\u00d7"


def _days(value: Decimal) -> str:
    return trimmed(value) + (" day" if value == 1 else " days")


_Unit = tuple[Callable[[Decimal], str], Callable[[Decimal], str]]

_FRACTION: _Unit = (_brief_percent, exact_percent)
_MULTIPLE: _Unit = (_brief_multiple, _multiple)
_AGE: _Unit = (_days, _days)

_UNITS: dict[str, _Unit] = {
    "unit-nav-change": _FRACTION,
    "market-value-change": _FRACTION,
    "administrator-variance": _FRACTION,
    "price-change": _FRACTION,
    "benchmark-multiple": _MULTIPLE,
    "stale-prices": _AGE,
    "stale-fx": _AGE,
    "units-roll-forward": (trimmed, trimmed),
    "missing-price": _FRACTION,
    "open-breaks": _FRACTION,
    "position-breaks": _FRACTION,
    "expected-nav": _FRACTION,
    "hedge-ratio": _FRACTION,
}
"""How each rule's value and limit are written: for reading, and with all digits."""
