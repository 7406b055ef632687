"""One raw break, as matching found it, with names for what the rules ask about it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from itertools import combinations
from typing import Any

from tenuto.core.money import difference
from tenuto.packs.finance.reconciliation.rules import RecRules

SUFFIXES = ("ours", "theirs", "third")
INSTRUMENT = ("isin", "cusip", "sedol", "instrument_id")
_DATES = ("date", "trade_date", "settle_date")
_DESCRIPTIONS = ("description", "name", "counterparty", "reference")

_NOTHING = Decimal(0)


@dataclass(frozen=True)
class RawBreak:
    """A row of the dataset `found`."""

    rules: RecRules
    row: Mapping[str, Any]

    @cached_property
    def items(self) -> tuple[str | None, ...]:
        """Item ids by side; None where the side lacks it."""
        return tuple(self.row[f"{suffix}_item"] for suffix in SUFFIXES)

    @cached_property
    def present(self) -> tuple[str, ...]:
        """The suffixes of the sides that have the item."""
        return tuple(s for s, item in zip(SUFFIXES, self.items, strict=True) if item is not None)

    @property
    def is_alone(self) -> bool:
        """Whether one side alone has it."""
        return len(self.present) == 1

    @cached_property
    def differs(self) -> tuple[str, ...]:
        """Compared fields that differ, in the rules' order."""
        found = set(str(self.row["differs"] or "").split(","))
        return tuple(each.field for each in self.rules.compare if each.field in found)

    def value(self, field: str, suffix: str) -> Any:
        """The field on one side; None where side or column is missing."""
        return self.row.get(f"{field}_{suffix}")

    def first(self, *fields: str) -> Any:
        """The first value there is, sides in order within each field."""
        for field in fields:
            for suffix in SUFFIXES:
                value = self.value(field, suffix)
                if value is not None:
                    return value
        return None

    @property
    def instrument(self) -> str | None:
        """ISIN, or the next identifier there is."""
        found: str | None = self.first(*INSTRUMENT)
        return found

    @property
    def description(self) -> str | None:
        """What the item is called."""
        found: str | None = self.first(*_DESCRIPTIONS)
        return found

    @property
    def item_date(self) -> date | None:
        """The item's own date."""
        found: date | None = self.first(*_DATES)
        return found

    @property
    def settle_date(self) -> date | None:
        """When it should be the same on both sides."""
        found: date | None = self.first("settle_date", "date")
        return found

    def measure(self, suffix: str) -> Decimal | None:
        """The measure on one side."""
        value: Decimal | None = self.value(self.rules.measure or "", suffix)
        return value

    @cached_property
    def ranked_by(self) -> str:
        """The field whose difference says how much the break matters: the first that differs, if
        it is a number, else the measure."""
        first = next(iter(self.differs), "")
        is_number = bool(first) and self.rules.field(first).kind == "decimal"
        return first if is_number else self.rules.measure or ""

    @cached_property
    def farthest(self) -> tuple[str, str]:
        """The two sides whose values lie farthest apart; with two sides, these."""
        sides = SUFFIXES[: len(self.rules.sides)]
        if len(sides) == 2:
            return (sides[0], sides[1])
        return max(combinations(sides, 2), key=lambda pair: abs(self._apart(self.ranked_by, *pair)))

    @property
    def variance(self) -> Decimal:
        """Of the measure between the two sides farthest apart; missing counts as 0."""
        return self._apart(self.rules.measure or "", *self.farthest)

    @property
    def share(self) -> tuple[Decimal, Decimal]:
        """Magnitude of the difference that ranks the break, and the larger of the two values."""
        values = [self.value(self.ranked_by, suffix) or _NOTHING for suffix in self.farthest]
        return abs(self._apart(self.ranked_by, *self.farthest)), max(abs(each) for each in values)

    def _apart(self, field: str, one: str, other: str) -> Decimal:
        return difference(self.value(field, one) or _NOTHING, self.value(field, other) or _NOTHING)
