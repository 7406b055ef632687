"""How a plan of schedules looks, and what became of it."""

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from pydantic import JsonValue

from tenuto.cli.output import Output, to_json
from tenuto.triggers.schedules.apply_plan import Outcome
from tenuto.triggers.schedules.plan import Deed, FieldChange

if TYPE_CHECKING:
    from rich.console import Console

_SIGNS = {
    Deed.CREATE: ("+", "green"),
    Deed.UPDATE: ("~", "yellow"),
    Deed.PRUNE: ("-", "red"),
    Deed.TAKEN: ("!", "red"),
    Deed.ELSEWHERE: (" ", "dim"),
    Deed.UNCHANGED: ("=", "dim"),
}
_DONE = {Deed.CREATE: "created", Deed.UPDATE: "updated", Deed.PRUNE: "pruned"}
_LONGEST_VALUE = 200


def report(outcomes: Sequence[Outcome], output: Output, *, prunes: bool, is_dry: bool) -> None:
    """Prints every outcome for a program; for a person all but what stays as it is."""

    def show(console: "Console") -> None:
        for each in outcomes:
            if each.change.deed is not Deed.UNCHANGED:
                _show(console, each, prunes=prunes)
        console.print(_summed(outcomes, prunes=prunes, is_dry=is_dry), soft_wrap=True)

    output.records([_record(each) for each in outcomes], show)
    if any(each.change.deed is Deed.PRUNE for each in outcomes) and not prunes:
        output.note("Schedules that nothing says any more stay; `--prune` deletes them.")
    if is_dry:
        output.note("Nothing was changed. `tenuto schedule apply` does it.")


def _record(outcome: Outcome) -> dict[str, Any]:
    error = outcome.error
    told = {"code": error.code, "message": error.message} if error else None
    return {**outcome.change.model_dump(), "is_done": outcome.is_done, "error": told}


def _show(console: "Console", outcome: Outcome, *, prunes: bool) -> None:
    change = outcome.change
    sign, style = _SIGNS[change.deed]
    console.print(f"{sign} {_headline(outcome, prunes=prunes)}", style=style, soft_wrap=True)
    if outcome.error is not None:
        console.print(f"    {outcome.error.message} [{outcome.error.code}]", soft_wrap=True)
        return
    for each in change.fields:
        console.print(f"    {_field(each, change.deed)}", soft_wrap=True)
    if change.next_times:
        times = ", ".join(f"{moment:%a %Y-%m-%d %H:%M:%S}" for moment in change.next_times)
        console.print(f"    next: {times} ({change.time_zone})", soft_wrap=True)
    elif change.deed in (Deed.CREATE, Deed.UPDATE):
        console.print("    next: never, by these times", soft_wrap=True)


def _headline(outcome: Outcome, *, prunes: bool) -> str:
    change = outcome.change
    word = _DONE.get(change.deed, str(change.deed)) if outcome.is_done else str(change.deed)
    if outcome.error is not None:
        word = f"failed to {change.deed}"
    elif change.deed is Deed.PRUNE and not prunes:
        word = "not written any more"
    paused = "paused" if change.is_paused else ""
    remarks = ", ".join(filter(None, (change.remark, paused)))
    return f"{word} {change.schedule_id}" + (f" ({remarks})" if remarks else "")


def _field(change: FieldChange, deed: Deed) -> str:
    if deed is Deed.CREATE:
        return f"{change.field}: {_value(change.after)}"
    return f"{change.field}: {_value(change.before)} -> {_value(change.after)}"


def _value(value: JsonValue) -> str:
    if value in (None, "", {}, []):
        return "nothing"
    text = value if isinstance(value, str) else to_json(value)
    return text if len(text) <= _LONGEST_VALUE else text[: _LONGEST_VALUE - 3] + "..."


def _summed(outcomes: Sequence[Outcome], *, prunes: bool, is_dry: bool) -> str:
    counts = Counter(
        "failed" if each.error else _word(each.change.deed, is_dry=is_dry, prunes=prunes)
        for each in outcomes
    )
    if not counts:
        return "No schedules are written, and none of this project are there."
    return ", ".join(f"{count:,} {word}" for word, count in counts.items()) + "."


def _word(deed: Deed, *, is_dry: bool, prunes: bool) -> str:
    match deed:
        case Deed.CREATE | Deed.UPDATE:
            return f"to {deed}" if is_dry else _DONE[deed]
        case Deed.PRUNE if prunes:
            return "to prune" if is_dry else "pruned"
        case Deed.PRUNE:
            return "not written any more"
        case Deed.ELSEWHERE:
            return "of other sets"
        case Deed.TAKEN:
            return "somebody else's"
    return str(deed)
