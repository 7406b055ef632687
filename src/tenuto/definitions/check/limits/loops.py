"""How long a run's history grows in loops, as far as a definition tells."""

import re
from collections.abc import Iterable, Iterator

from pydantic import JsonValue

from tenuto.definitions.check.meaning_codes import LONG_HISTORY, LOOP_IN_FORK
from tenuto.definitions.check.parts import part
from tenuto.definitions.check.shapes.ways import own_tasks
from tenuto.definitions.expressions import expression_in
from tenuto.definitions.findings import Finding
from tenuto.definitions.loaded import Loaded
from tenuto.definitions.tasks import TaskAt, inner_lists

MOST_EVENTS = 51_200
"""A run with more history events is ended by the engine."""
_PER_STEP = {"call": 6, "emit": 6, "run": 6, "wait": 2, "listen": 3}
"""Events of one step, without retries: scheduled, started, completed, and the workflow tasks."""
_MANY = 60
"""Events of one iteration from which a loop in a fork is worth a word."""
_RANGE = re.compile(r"\[?\s*range\(\s*(\d+)\s*(?:;\s*(\d+)\s*(?:;\s*(\d+)\s*)?)?\)\s*\]?")


def find_long_histories(loaded: Loaded, tasks: Iterable[TaskAt]) -> Iterator[Finding]:
    """Every loop that makes, or inside a fork may make, more events than one run may have."""
    forks = tuple(f"{task.pointer}/" for task in tasks if task.kind == "fork")
    for task in tasks:
        if task.kind != "for":
            continue
        once = _events_inside(task)
        count = _count(part(task.body, "for", "in"))
        in_fork = task.pointer.startswith(forks) if forks else False
        at = f"{task.pointer}/for"
        if count is not None and count * once > MOST_EVENTS:
            yield loaded.warning(
                LONG_HISTORY,
                at,
                f"{count:,} iterations make about {count * once:,} history events, and one run"
                f" has at most {MOST_EVENTS:,}.",
                "Inside a fork it fails: move the loop out of it, or into an activity."
                if in_fork
                else "It goes on in a new run on the way; one activity for all of them is better.",
                of_key=True,
            )
        elif count is None and in_fork and once >= _MANY:
            yield loaded.warning(
                LOOP_IN_FORK,
                at,
                f"Each iteration makes about {once} history events, and a loop inside a fork cannot"
                f" go on in a new run: it fails after about {MOST_EVENTS // once:,} iterations.",
                "Move the loop out of the fork, or run another definition for each item.",
                of_key=True,
            )


def _events(task: TaskAt) -> int:
    """History events of one performance of the task, about; of an unknown loop, one iteration."""
    if task.kind == "for":
        count = _count(part(task.body, "for", "in"))
        return _events_inside(task) * (1 if count is None else count)
    return _PER_STEP.get(task.kind or "", 0) + _events_inside(task)


def _events_inside(task: TaskAt) -> int:
    return sum(
        _events(inner)
        for pointer, tasks, _ in inner_lists(task)
        if not pointer.endswith("/catch/do")
        for inner in own_tasks(tasks, pointer)
    )


def _count(collection: JsonValue) -> int | None:
    """How many items a literal collection or a literal range has; None for any other."""
    if isinstance(collection, list):
        return len(collection)
    found = _RANGE.fullmatch(expression_in(collection)) if isinstance(collection, str) else None
    if found is None:
        return None
    first, last, step = (int(each) if each else None for each in found.groups())
    if first is None or step == 0:
        return None
    return len(range(first)) if last is None else len(range(first, last, step or 1))
