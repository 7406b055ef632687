"""One reconciliation as its operations team writes it down: `rec.yaml`.

Only `rec_id`, `kind`, `sides`, `base_currency`, and `calendar` must be written; everything else
has the kind's defaults, which `kinds.py` lists.
"""

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from typing import Annotated, Any, Literal, Self

from pydantic import Field, NonNegativeInt, PositiveInt, StringConstraints, model_validator

from tenuto.core.currency import Currency
from tenuto.core.people import Who
from tenuto.core.records import Record
from tenuto.packs.finance.models import Identifier, NonNegativeDecimal, PositiveDecimal
from tenuto.packs.finance.reconciliation.kinds import (
    DEFAULTS,
    BreakClass,
    Category,
    Level,
    RecKind,
)
from tenuto.packs.finance.reconciliation.side_rules import FieldName, RecField, SideName, SideRules

Fraction = Annotated[Decimal, Field(ge=0, le=Decimal("0.5"), decimal_places=8)]
"""0.001 is 0.1 percent; at most 8 decimals, and at most a half."""
Keys = tuple[tuple[FieldName, ...], ...]
"""Alternatives in the order they are tried; of one alternative all fields must be equal."""


class Margin(Record):
    """How far two values may lie apart. Two limits given: staying within either suffices."""

    absolute: NonNegativeDecimal = Decimal(0)
    """In the field's own unit."""
    relative: Fraction = Decimal(0)
    """Fraction of the larger magnitude of the two values."""


class Compare(Record):
    """One field whose values must agree for two items to match."""

    field: FieldName
    break_class: BreakClass
    """What a difference in this field is called."""
    margin: Margin = Margin()
    by_type: dict[str, Margin] = Field(default_factory=dict)
    """Margins by the value of the field `type` (ours, else theirs), in place of `margin`."""
    days: NonNegativeInt = 0
    """For a date: how many dealing days apart the two sides may be."""


class Pass(Record):
    """One round over what is not matched yet. Rounds run in order, and an item is used once."""

    name: Identifier
    kind: Literal["exact", "tolerance", "group", "subset", "fuzzy", "pair"]
    """`exact`: keys and all compared values are equal. `tolerance`: keys are equal, values within
    their margins, and neither item has another candidate. `group`: the items that share a key
    add up to the same on both sides. `subset`: one item equals the sum of some of the other
    side's items that share the key. `fuzzy`: like `tolerance`, on similar text. `pair`: keys are
    equal and unique, whatever the values: a break that shows both sides."""
    keys: Keys
    """Fields that must be equal; `[]` is every item of the partition."""
    compare: tuple[FieldName, ...] = ()
    """Which fields of `compare` must agree; empty means all that both sides have."""
    shapes: tuple[Literal["one-to-many", "many-to-one", "many-to-many"], ...] = (
        "one-to-many",
        "many-to-one",
        "many-to-many",
    )
    """For `group`: which shapes count; the first word is ours."""
    max_items: Annotated[int, Field(ge=2, le=24)] = 12
    """For `subset`: a key with more open items on the many side is left alone."""
    max_subset: Annotated[int, Field(ge=2, le=8)] = 5
    """For `subset`: the most items that may add up to one."""
    similar: FieldName | None = None
    """For `fuzzy`: the text field whose similarity counts."""
    threshold: Annotated[int, Field(ge=50, le=100)] = 90
    """For `fuzzy`: the lowest score, of 100, that is a suggestion."""
    accept: bool = False
    """For `fuzzy`: a suggestion that is the only one for both items is a match."""

    @model_validator(mode="after")
    def _fuzzy_names_a_text(self) -> Self:
        if (self.kind == "fuzzy") != (self.similar is not None):
            raise ValueError(
                f"pass {self.name!r}: `similar` belongs to kind `fuzzy`, and only there"
            )
        return self


class ClassRule(Record):
    """A class of your own making for breaks that look like this; the first that fits applies."""

    name: Identifier
    break_class: BreakClass
    category: Category | None = None
    level: Level | None = None
    owner: str | None = None
    side: SideName | None = None
    """Only items that this side alone has."""
    field: FieldName | None = None
    """The text field that must hold one of `words`."""
    words: tuple[str, ...] = ()
    """Upper and lower case are the same; a whole or a part of the text."""
    at_most: NonNegativeDecimal | None = None
    """Only differences up to this, base currency."""

    @model_validator(mode="after")
    def _has_a_condition(self) -> Self:
        if bool(self.field) != bool(self.words):
            raise ValueError(f"class rule {self.name!r}: `field` and `words` come together")
        if not (self.side or self.field or self.at_most is not None):
            raise ValueError(f"class rule {self.name!r} would take every break; give a condition")
        return self


class AutoResolve(Record):
    """Breaks that need no person, within limits that somebody answers for."""

    name: Identifier
    classes: Annotated[tuple[BreakClass, ...], Field(min_length=1)]
    action: Literal["write-off", "pending"]
    """`write-off`: closed, and listed to be booked. `pending`: kept open without escalation until
    the settle date has passed."""
    limit: NonNegativeDecimal
    """Largest single difference, base currency."""
    total_limit: NonNegativeDecimal | None = None
    """Largest sum in one run, base currency; the biggest items beyond it stay open."""
    owner: str
    """Who answers for this rule."""
    expires: date
    """The last business date on which the rule works."""


class PriorityLimits(Record):
    """From which difference on a break is critical, high, or medium: either limit suffices."""

    critical_relative: Fraction = Decimal("0.10")
    critical_amount: PositiveDecimal = Decimal(1_000_000)
    high_relative: Fraction = Decimal("0.05")
    high_amount: PositiveDecimal = Decimal(500_000)
    medium_relative: Fraction = Decimal("0.01")
    medium_amount: PositiveDecimal = Decimal(100_000)
    """Amounts in base currency; relative to the larger magnitude. At most this much is lower."""


class Sla(Record):
    """When an open break makes itself heard, in dealing days since it was first seen."""

    notify_after: PositiveInt = 3
    """The manager is told on this day."""
    escalate_after: PositiveInt = 6
    """It is escalated on this day: more than five days old."""
    at: Annotated[str, StringConstraints(pattern=r"^\d{2}:\d{2} \S+$")] = "09:00 UTC"
    """Time of day and IANA zone of the notices."""
    four_eyes_above: NonNegativeDecimal = Decimal(100_000)
    """A resolution of a difference above this needs a second person, base currency."""
    checkers: Annotated[tuple[Who, ...], Field(min_length=1)] = ("g:rec-approvers",)
    """Who that may be; never who proposed the resolution."""
    two_checkers_above: NonNegativeDecimal | None = None
    """A resolution of differences above this, all together, needs two of them; None: never."""


class NoticeRecipient(Record):
    """Somebody who is told about ageing breaks."""

    name: Identifier
    role: Literal["manager", "escalation"]
    """`manager` hears on `notify_after`, `escalation` on `escalate_after`."""
    channel: Literal["file", "webhook"]
    target: str
    """A folder (any fsspec URL) for `file`; an https or loopback URL for `webhook`."""
    secret: str | None = None
    """For `webhook`: a reference such as `secret://env/NAME`."""


class RecRules(Record):
    """A reconciliation's rules, whole: a run keeps the rules it started with."""

    version: Literal[1] = 1
    rec_id: Identifier
    name: str = ""
    kind: RecKind
    base_currency: Currency
    calendar: str
    """A market of the `holidays` package (`ECB`, `NYSE`, `XLON`, ...), or `WEEKDAYS`."""
    sides: Annotated[tuple[SideRules, ...], Field(min_length=2, max_length=3)]
    """The first is ours. Three sides are compared pair by pair."""
    fields: tuple[RecField, ...] = ()
    """Further fields, or a kind's own with other decimals."""
    partition: tuple[FieldName, ...] = ()
    """Fields that must be equal in every pass, where both sides have them. Default: the kind's."""
    identity: Keys = ()
    """What makes a break the same break tomorrow: the first alternative an item has whole."""
    compare: tuple[Compare, ...] = ()
    """Values that must agree. Default: the kind's."""
    passes: tuple[Pass, ...] = ()
    """Default: the kind's."""
    measure: FieldName | None = None
    """The decimal that variances, totals, and sums of groups are in. Default: the kind's."""
    value: FieldName | None = None
    """The decimal that says what an item is worth, in the currency of the item; its difference
    is what is converted to base currency. Default: the kind's; units have none."""
    level: Level | None = None
    """Default: the kind's; a field called `level` decides for each item."""
    classes: tuple[ClassRule, ...] = ()
    auto_resolve: tuple[AutoResolve, ...] = ()
    rounding_limit: NonNegativeDecimal = Decimal("0.05")
    """A difference up to this, in the item's currency, is class `rounding`."""
    ageing: tuple[NonNegativeInt, ...] = (1, 5, 10, 30)
    """Last dealing day of each bucket: 0-1, 2-5, 6-10, 11-30, 30+."""
    priorities: PriorityLimits = PriorityLimits()
    rank_missing_by: Literal["relative", "amount"] | None = None
    """How an item that one side lacks is ranked: as a difference of 100 %, or by its amount
    alone. Default: by amount for cash entries and transactions, as 100 % for the rest."""
    carry_open: bool | None = None
    """Whether items that stay open are matched again in the next run although its files no longer
    hold them. Default: yes for cash entries and transactions, no for the rest, whose files hold
    everything every day."""
    fx_max_age_days: NonNegativeInt = 5
    """Calendar days between the business date and a fixing; an older one converts nothing."""
    material_above: NonNegativeDecimal = Decimal(0)
    """A difference above this is material, base currency."""
    sla: Sla = Sla()
    notices: tuple[NoticeRecipient, ...] = ()
    owner: str = ""
    """Who owns a break until somebody else is assigned."""
    on_late: Literal["fail", "wait", "estimate"] = "fail"
    """What a side that was not delivered does: end the run, wait for it, or be estimated as the
    prior day's side plus its known movements."""
    wait_for: timedelta = timedelta(hours=12)
    """How long `wait` waits."""
    keep_matches: Literal["all", "inexact"] = "all"
    """Which matches the table `matches` lists: all, or without those of exact passes, which are
    then counted only. Listing ten million equal pairs takes longer than finding them."""
    max_breaks: PositiveInt = 500_000
    """More breaks than this mean a wrong file, and end the run."""

    @model_validator(mode="before")
    @classmethod
    def _filled_from_its_kind(cls, values: Any) -> Any:
        kind: Any = values.get("kind") if isinstance(values, dict) else None
        defaults = DEFAULTS.get(kind)
        if defaults is None:
            return values
        own = {_name_of(field) for field in values.get("fields") or ()}
        fields = [
            {"name": name, "kind": kind, "places": places}
            for name, kind, places in defaults.fields
            if name not in own
        ]
        filled = {**values, "fields": [*fields, *(values.get("fields") or ())]}
        for name in ("partition", "identity", "compare", "passes", "measure", "value", "level"):
            if not filled.get(name):
                filled[name] = getattr(defaults, name)
        for name in ("rank_missing_by", "carry_open"):
            if filled.get(name) is None:
                filled[name] = getattr(defaults, name)
        if len(values.get("sides") or ()) > 2 and not values.get("passes"):
            filled["passes"] = [each for each in defaults.passes if each["kind"] != "group"]
        return filled

    @model_validator(mode="after")
    def _names_hold_together(self) -> Self:
        _once("side", (each.name for each in self.sides))
        _once("field", (each.name for each in self.fields))
        _once("pass", (each.name for each in self.passes))
        _once("compared field", (each.field for each in self.compare))
        _once("notice recipient", (each.name for each in self.notices))
        _once("auto-resolve rule", (each.name for each in self.auto_resolve))
        known = {each.name for each in self.fields}
        for what, names in self._uses():
            unknown = sorted(set(names) - known)
            if unknown:
                raise ValueError(
                    f"{what} names `{unknown[0]}`, which is no field; fields are"
                    f" {', '.join(sorted(known))}"
                )
        self._check_kinds_of_fields()
        self._check_three_sides()
        if list(self.ageing) != sorted(set(self.ageing)) or not self.ageing:
            raise ValueError("ageing: write rising last days, for example 1, 5, 10, 30")
        return self

    def field(self, name: str) -> RecField:
        """The field of that name, which is known to exist."""
        return next(each for each in self.fields if each.name == name)

    def side(self, name: str) -> SideRules:
        """The side of that name, which is known to exist."""
        return next(each for each in self.sides if each.name == name)

    def _uses(self) -> Iterable[tuple[str, Iterable[str]]]:
        yield "partition", self.partition
        yield "identity", (name for key in self.identity for name in key)
        yield "compare", (each.field for each in self.compare)
        yield "measure", (self.measure,) if self.measure else ()
        yield "value", (self.value,) if self.value else ()
        for each in self.passes:
            yield f"pass `{each.name}`", (name for key in each.keys for name in key)
            yield f"pass `{each.name}`", (each.similar,) if each.similar else ()
        for side in self.sides:
            yield f"side `{side.name}` columns", side.columns
            yield f"side `{side.name}` constants", side.constants
            yield f"side `{side.name}` string_maps", side.string_maps
            yield f"side `{side.name}` signs", (each.field for each in side.signs)
            yield f"side `{side.name}` signs", (each.by for each in side.signs if each.by)
            yield f"side `{side.name}` exclude", (each.field for each in side.exclude)
        for rule in self.classes:
            yield f"class rule `{rule.name}`", (rule.field,) if rule.field else ()

    def _check_kinds_of_fields(self) -> None:
        compared = {each.field for each in self.compare}
        for each in self.passes:
            unknown = sorted(set(each.compare) - compared)
            if unknown:
                raise ValueError(
                    f"pass `{each.name}` compares `{unknown[0]}`, which `compare` does not list"
                )
        for compare in self.compare:
            places = self.field(compare.field).places
            for margin in (compare.margin, *compare.by_type.values()):
                if -int(margin.absolute.normalize().as_tuple().exponent) > places:
                    raise ValueError(
                        f"`{compare.field}` has {places} decimals, and its margin"
                        f" {margin.absolute} has more"
                    )
        for name in (self.measure, self.value):
            if name and self.field(name).kind != "decimal":
                raise ValueError(f"`{name}` is not a decimal, so it cannot be measured")
        for side in self.sides:
            for sign in side.signs:
                if self.field(sign.field).kind != "decimal":
                    raise ValueError(f"side `{side.name}`: `{sign.field}` has no sign")
        named = {each.name for each in self.sides}
        for rule in self.classes:
            if rule.side and rule.side not in named:
                raise ValueError(f"class rule `{rule.name}`: no side is called `{rule.side}`")

    def _check_three_sides(self) -> None:
        if len(self.sides) < 3:
            return
        sums = [each.name for each in self.passes if each.kind in ("group", "subset", "fuzzy")]
        if sums:
            raise ValueError(
                f"three sides are compared item by item; leave out pass `{sums[0]}`, which is of"
                " kind `group`, `subset` or `fuzzy`"
            )


def _name_of(field: Any) -> Any:
    return field.get("name") if isinstance(field, dict) else getattr(field, "name", None)


def _once(what: str, names: Iterable[str]) -> None:
    seen = list(names)
    twice = sorted({name for name in seen if seen.count(name) > 1})
    if twice:
        raise ValueError(f"{what} `{twice[0]}` is written twice")
