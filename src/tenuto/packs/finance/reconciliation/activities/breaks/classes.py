"""What kind of break it is: the rules' own classes first, then what the values say."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import get_args

from tenuto.core.identifiers import IdentifierKind, identifier_problem
from tenuto.packs.finance.reconciliation.activities.breaks.raw import RawBreak
from tenuto.packs.finance.reconciliation.kinds import CATEGORIES, BreakClass, Category, Level
from tenuto.packs.finance.reconciliation.rules import ClassRule

_CHECKED: tuple[IdentifierKind, ...] = ("isin", "cusip", "sedol", "lei")


@dataclass(frozen=True, slots=True)
class Classified:
    """The class of one break, and what follows from it."""

    break_class: BreakClass
    category: Category
    level: Level
    owner: str


def classify_break(found: RawBreak, amount: Decimal | None, day: date) -> Classified:
    """The class of a break whose difference is `amount` in base currency (None: unknown)."""
    rules = found.rules
    rule = next((each for each in rules.classes if _fits(each, found, amount)), None)
    if rule is not None:
        return Classified(
            break_class=rule.break_class,
            category=rule.category or CATEGORIES[rule.break_class],
            level=rule.level or _level(found),
            owner=rule.owner or rules.owner,
        )
    break_class = _of_one(found, day) if _has_gap(found) else _of_several(found)
    return Classified(break_class, CATEGORIES[break_class], _level(found), rules.owner)


def position_type(found: RawBreak) -> str:
    """A quantity differs, B only ours, C only theirs, D both zero but reported differently."""
    if found.rules.kind != "position" or len(found.rules.sides) > 2:
        return ""
    if not any(found.measure(suffix) for suffix in found.present):
        return "D"
    if found.is_alone:
        return "B" if found.present == ("ours",) else "C"
    return "A" if found.rules.measure in found.differs else ""


def _fits(rule: ClassRule, found: RawBreak, amount: Decimal | None) -> bool:
    if rule.side is not None:
        names = [side.name for side in found.rules.sides]
        of_side = ("ours", "theirs", "third")[names.index(rule.side)]
        if found.present != (of_side,):
            return False
    if rule.field is not None:
        texts = [str(found.value(rule.field, suffix) or "").lower() for suffix in found.present]
        if not any(word.lower() in text for word in rule.words for text in texts):
            return False
    if rule.at_most is not None:
        return amount is not None and abs(amount) <= rule.at_most
    return True


def _has_gap(found: RawBreak) -> bool:
    return len(found.present) < len(found.rules.sides)


def _of_one(found: RawBreak, day: date) -> BreakClass:
    """Of an item that at least one side lacks."""
    if found.row["candidates"]:
        return "ambiguous"
    if found.row["is_duplicate"]:
        return "duplicate"
    if _has_wrong_identifier(found):
        return "identifier"
    if found.settle_date is not None and found.settle_date > day:
        return "timing"
    return "missing-ours" if "ours" not in found.present else "missing-theirs"


def _of_several(found: RawBreak) -> BreakClass:
    """Of an item that every side has."""
    differs = found.differs
    one, other = (found.measure(suffix) for suffix in found.farthest)
    if one and other and one == -other:
        return "sign"
    classes = {each.field: each.break_class for each in found.rules.compare}
    kinds = [classes[field] for field in differs]
    if "currency" in kinds:
        return "currency"
    if "quantity" in kinds and "price" in kinds and "amount" not in kinds and _has_values(found):
        return "corporate-action"
    if kinds and set(kinds) == {"amount"} and all(_is_rounding(found, each) for each in differs):
        return "rounding"
    if _has_wrong_identifier(found) and not kinds:
        return "identifier"
    return kinds[0] if kinds else "attribute"


def _has_values(found: RawBreak) -> bool:
    field = found.rules.value or ""
    return all(found.value(field, suffix) is not None for suffix in found.present)


def _is_rounding(found: RawBreak, field: str) -> bool:
    values = [found.value(field, suffix) for suffix in found.present]
    if any(each is None for each in values):
        return False
    return bool(max(values) - min(values) <= found.rules.rounding_limit)


def _has_wrong_identifier(found: RawBreak) -> bool:
    values = [(kind, found.value(kind, suffix)) for kind in _CHECKED for suffix in found.present]
    return any(value is not None and identifier_problem(kind, value) for kind, value in values)


def _level(found: RawBreak) -> Level:
    own = found.first("level")
    levels: tuple[Level, ...] = get_args(Level)
    return next((each for each in levels if each == own), found.rules.level or "L3_TRANSACTION")
