"""Breaks that a rule takes: written off, or pending until they settle; never past a limit."""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from tenuto.core.money import total
from tenuto.packs.finance.reconciliation.models import AutoResolved
from tenuto.packs.finance.reconciliation.rules import AutoResolve

Row = dict[str, Any]


def auto_resolve(
    rules: Iterable[AutoResolve], rows: Sequence[Row], day: date
) -> list[AutoResolved]:
    """Marks the rows that rules take, smallest first, and says how many and how much.

    A break of unknown worth is never taken. An expired rule takes nothing, and says so by a
    count of 0.
    """
    return [_apply(rule, rows, day) for rule in rules]


def _apply(rule: AutoResolve, rows: Sequence[Row], day: date) -> AutoResolved:
    taken: list[Decimal] = []
    if day <= rule.expires:
        candidates = [row for row in rows if _fits(rule, row, day)]
        for row in sorted(candidates, key=lambda row: (abs(row["variance_base"]), row["break_id"])):
            amount = abs(row["variance_base"])
            if rule.total_limit is not None and total([*taken, amount]) > rule.total_limit:
                break
            taken.append(amount)
            row["resolution"] = f"auto:{rule.name}"
            if rule.action == "write-off":
                row["status"] = "RESOLVED"
    return AutoResolved(
        rule=rule.name,
        action=rule.action,
        owner=rule.owner,
        expires=rule.expires,
        count=len(taken),
        amount=total(taken),
    )


def _fits(rule: AutoResolve, row: Row, day: date) -> bool:
    amount = row["variance_base"]
    if row["resolution"] or row["break_class"] not in rule.classes or amount is None:
        return False
    if rule.action == "pending" and (row["settle_date"] is None or row["settle_date"] < day):
        return False
    return bool(abs(amount) <= rule.limit)
