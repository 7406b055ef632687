"""What the fund owns and owes: the statement of net assets, and the balances behind it."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from tenuto.activities.documents.figures import amount, count, places_of, words
from tenuto.core.currency import minor_units
from tenuto.core.money import total
from tenuto.packs.finance.nav.models import NavResult
from tenuto.packs.finance.nav.parts import Balance

SHOWN_BALANCES = 30

KINDS = {
    "cash": "Cash",
    "dividend": "Dividends",
    "corporate-action": "Corporate actions",
    "trade": "Unsettled trades",
    "subscription": "Subscriptions",
    "redemption": "Redemptions",
    "hedge": "Forwards of hedged classes",
    "other": "Other balances",
    "fee": "Fees",
}


def net_assets(result: NavResult) -> dict[str, Any]:
    """The lines from positions to NAV, base currency."""
    places = places_of(result.nav)
    before_fees = [each for each in result.balances if each.kind != "fee"]
    lines = [("Positions", result.positions_value)]
    for kind, label in KINDS.items():
        if any(each.kind == kind for each in before_fees):
            lines.append((label, _sum(each for each in before_fees if each.kind == kind)))
    # A line of its own rather than a quiet difference, should the lines not add up.
    itemised = total(value for _, value in lines)
    if itemised != result.gav:
        lines.append(("Not itemised", total([result.gav, itemised.copy_negate()])))
    return {
        "lines": [{"label": label, "amount": amount(value, places)} for label, value in lines],
        "gav": amount(result.gav, places),
        "liabilities": amount(result.liabilities.copy_negate(), places),
        "nav": amount(result.nav, places),
    }


def balances(result: NavResult) -> dict[str, Any]:
    """The largest balances, and what the others add up to."""
    places = places_of(result.nav)
    order = list(KINDS)
    largest = sorted(result.balances, key=_size)[:SHOWN_BALANCES]
    shown = sorted(largest, key=lambda each: (order.index(each.kind), _size(each)))
    rest = len(result.balances) - len(shown)
    others = total([_sum(result.balances), _sum(shown).copy_negate()])
    return {
        "rows": [
            {
                "kind": KINDS[each.kind],
                "reference": words(each.reference),
                "currency": each.currency,
                "amount": amount(each.amount, minor_units(each.currency)),
                "base_amount": amount(each.base_amount, places),
            }
            for each in shown
        ],
        "rest": count(rest, "more balance", "more balances") if rest else None,
        "rest_amount": amount(others, places),
        "total": amount(_sum(result.balances), places),
    }


def _sum(some: Iterable[Balance]) -> Decimal:
    return total(each.base_amount for each in some)


def _size(each: Balance) -> tuple[Decimal, str, str]:
    return (each.base_amount.copy_abs().copy_negate(), each.reference, each.currency)
