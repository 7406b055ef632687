"""The way a rehearsal took between its steps, in a few words for each turn."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from tenuto.cli.definitions.page import tasks_of
from tenuto.definitions.plan import Plan, Pointer, SetTask

_INSIDE = ("set", "switch", "raise", "listen")
"""Kinds of tasks that do something, and nothing outside of the run."""
_SAYS: dict[tuple[str, str], str] = {
    ("fork", "started"): "starts its branches",
    ("raise", "started"): "raises an error",
    ("listen", "completed"): "takes what it waited for",
}
"""Kind and what became of it -> in words."""
_SAYS_OF_ANY = {
    "skipped": "is skipped: its `if` does not hold",
    "retried": "tries again",
    "faulted": "fails",
    "cancelled": "is cancelled",
}


def steps_inside(way: Iterable[Mapping[str, Any]]) -> int:
    """How many tasks did something within the run alone."""
    return sum(turn["what"] == "started" and turn["kind"] in _INSIDE for turn in way)


def turns(way: Iterable[Mapping[str, Any]], plan: Plan) -> Iterator[tuple[int, str]]:
    """Each turn worth a line: how many things had happened before, and what it is."""
    sets = {task.at: task for task in tasks_of(plan.do) if isinstance(task, SetTask)}
    gone_through: set[Pointer] = set()
    for turn in way:
        words = _words(turn, sets, gone_through)
        if words:
            yield turn["after"], f"{turn['task']} {words}"


def _words(
    turn: Mapping[str, Any], sets: Mapping[Pointer, SetTask], gone_through: set[Pointer]
) -> str:
    kind, what, at = turn["kind"], turn["what"], turn["at"]
    if kind == "switch" and what == "turned":
        return f"-> case {turn['details']}" if turn["details"] else "-> no case holds"
    if kind == "for":
        return _of_loop(turn, gone_through)
    if kind == "set" and what == "started" and at in sets:
        value = sets[at].value
        return f"sets {', '.join(value)}" if isinstance(value, dict) else "sets its value"
    return _SAYS.get((kind, what)) or _SAYS_OF_ANY.get(what, "")


def _of_loop(turn: Mapping[str, Any], gone_through: set[Pointer]) -> str:
    what, at = turn["what"], turn["at"]
    if what == "turned":
        gone_through.add(at)
        return f"-> round {int(turn['details']) + 1}"
    is_empty = what == "completed" and at not in gone_through
    if what in ("started", "completed"):
        gone_through.discard(at)
    return "has nothing to go through" if is_empty else _SAYS_OF_ANY.get(what, "")
