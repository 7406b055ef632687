"""Whether what stands on a page meets a condition, decided without a model."""

import operator
from collections.abc import Callable
from decimal import Decimal

from tenuto.packs.monitors.judging.same_meaning import plain_text
from tenuto.packs.monitors.judging.values import value_of
from tenuto.packs.monitors.models import SchemaField
from tenuto.packs.monitors.providers.document import Picked
from tenuto.packs.monitors.providers.page_options import PageCondition

Verdict = tuple[bool, str]
"""Whether it is met, and why, in a sentence."""

_COMPARE: dict[str, Callable[[Decimal, Decimal], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    "==": operator.eq,
    "!=": operator.ne,
    ">=": operator.ge,
    ">": operator.gt,
}
_SHORT = 120


def judged(condition: PageCondition, picked: Picked, text: str) -> Verdict | None:
    """The verdict about `picked`, or where the condition names no part about the whole `text`.

    None for `changed`, which is decided by comparing states.
    """
    if condition.kind == "changed":
        return None
    if condition.kind in ("contains", "not_contains"):
        return _contains(condition, picked, text)
    if condition.kind == "number":
        return _number(condition, picked)
    if condition.kind == "count":
        return _count(condition, picked)
    found = picked.count > 0
    what = "matches" if condition.kind == "matches" else "is there"
    return found, f"{_named(condition)} {what}." if found else f"{_named(condition)} {_not(what)}."


def _contains(condition: PageCondition, picked: Picked, text: str) -> Verdict:
    where = text if condition.is_whole else "\n".join(picked.values)
    is_there = plain_text(condition.text) in plain_text(where)
    place = "The page" if condition.is_whole else _named(condition)
    says = f"{place} {'says' if is_there else 'does not say'} `{_short(condition.text)}`."
    return is_there == (condition.kind == "contains"), says


def _number(condition: PageCondition, picked: Picked) -> Verdict:
    said = picked.first
    field = SchemaField(name="number", type="number")
    try:
        read = value_of(field, said, decimal_comma=condition.decimal_comma)
    except ValueError:
        read = None
    if read is None:
        found = f"`{_short(said)}`" if said else "nothing"
        return False, f"{_named(condition)} has {found} where a number is expected."
    return _compared(condition, Decimal(str(read)), _named(condition))


def _count(condition: PageCondition, picked: Picked) -> Verdict:
    return _compared(condition, Decimal(picked.count), f"The number of {_named(condition)}")


def _compared(condition: PageCondition, number: Decimal, what: str) -> Verdict:
    assert condition.value is not None  # noqa: S101 (its model says so)
    is_met = _COMPARE[condition.compare](number, condition.value)
    is_or_not = "is" if is_met else "is not"
    compared = f"{is_or_not} {condition.compare} {condition.value:f}"
    return is_met, f"{what} is {number:f}, which {compared}."


def _named(condition: PageCondition) -> str:
    return f"`{condition.selector or condition.jsonpath or condition.regex}`"


def _not(what: str) -> str:
    return "does not match" if what == "matches" else "is not there"


def _short(text: str) -> str:
    return text if len(text) <= _SHORT else text[: _SHORT - 3] + "..."
