"""What differs between two states, as far as that is certain without asking anybody."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from pydantic import JsonValue

from tenuto.packs.monitors.judging.fingerprint import fingerprint
from tenuto.packs.monitors.judging.same_meaning import plain_text
from tenuto.packs.monitors.models import SchemaField

State = Mapping[str, JsonValue]
Verdict = Literal["same", "other", "unclear"]
_SHORT = 200


@dataclass(frozen=True)
class Difference:
    """One field that is not written as it was."""

    name: str
    before: JsonValue
    after: JsonValue
    verdict: Verdict

    def __str__(self) -> str:
        return f"{self.name}: {_shown(self.before)} -> {_shown(self.after)}"


@dataclass(frozen=True)
class Differences:
    """All that two states differ in, of the fields that both know."""

    is_equal: bool
    """Their fingerprints are equal: nothing else was looked at."""
    fields: tuple[Difference, ...] = ()

    @property
    def certain(self) -> tuple[Difference, ...]:
        """What means something else for sure."""
        return tuple(each for each in self.fields if each.verdict == "other")

    @property
    def unclear(self) -> tuple[Difference, ...]:
        """Texts that may mean the same in other words."""
        return tuple(each for each in self.fields if each.verdict == "unclear")


def differences(before: State, after: State, fields: Sequence[SchemaField]) -> Differences:
    """What differs.

    A field that only one of them has belongs to another schema and is no difference. A value
    where there was none, and none where there was a value, is a difference for sure; so is
    another number, date, truth value, or option.
    """
    common = [field for field in fields if field.name in before and field.name in after]
    then = {field.name: before[field.name] for field in common}
    now = {field.name: after[field.name] for field in common}
    if fingerprint(then) == fingerprint(now):
        return Differences(is_equal=True)
    found = (
        Difference(field.name, then[field.name], now[field.name], _verdict(field, then, now))
        for field in common
    )
    return Differences(
        is_equal=False, fields=tuple(each for each in found if each.verdict != "same")
    )


def filled(before: State, after: State) -> dict[str, JsonValue]:
    """`after`, and where it does not say, what was known before.

    An answer that speaks of nothing but news leaves out what still holds; that is no change.
    """
    return {name: before.get(name) if value is None else value for name, value in after.items()}


def summary(found: Sequence[Difference]) -> str:
    """The differences in one line."""
    return "; ".join(str(each) for each in found)


def _verdict(field: SchemaField, then: State, now: State) -> Verdict:
    before, after = then[field.name], now[field.name]
    if fingerprint({"value": before}) == fingerprint({"value": after}):
        return "same"
    if before is None or after is None:
        return "other"
    if _plain(before) == _plain(after):
        return "same"
    if field.type == "date" and _may_be_one_day(str(before), str(after)):
        return "unclear"
    return "unclear" if field.type == "string" else "other"


def _plain(value: JsonValue) -> JsonValue:
    if isinstance(value, str):
        return plain_text(value)
    if isinstance(value, bool | int | float):
        # A number as text and as a number are one; a truth value is none of both.
        return value if isinstance(value, bool) else plain_text(str(value).removesuffix(".0"))
    if isinstance(value, list):
        return sorted((_plain(each) for each in value), key=str)
    return value


def _may_be_one_day(before: str, after: str) -> bool:
    """Whether one of them says no year, and both the same day of it."""
    has_no_year = before.startswith("--") != after.startswith("--")
    return has_no_year and before[-5:] == after[-5:]


def _shown(value: JsonValue) -> str:
    text = "nothing" if value is None else str(value)
    return text if len(text) <= _SHORT else text[: _SHORT - 3] + "..."
