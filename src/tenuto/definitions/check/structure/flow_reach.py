"""Tasks that are never reached, and tasks that repeat one another without waiting."""

from collections.abc import Iterator, Mapping

from tenuto.definitions.check.nearest import listed
from tenuto.definitions.check.shown import named
from tenuto.definitions.check.structure import codes
from tenuto.definitions.check.structure.flow_steps import Step
from tenuto.definitions.findings import Finding
from tenuto.definitions.loaded import Loaded


def find_unreachable(loaded: Loaded, steps: list[Step]) -> Iterator[Finding]:
    """A warning for every step that no other leads to."""
    by_name = {step.name: step for step in reversed(steps)}
    reached: set[str] = set()
    waiting = [step.name for step in steps[:1]]
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting += [way for way in by_name[name].ways_out() if way in by_name]
    for step in steps:
        if step.name not in reached:
            yield loaded.warning(
                codes.UNREACHABLE,
                step.pointer,
                f"No way leads to {named(step.name)}: the tasks before it end or go elsewhere.",
                "Name it in a `then`, or take it away.",
                of_key=True,
            )


def find_spinning(loaded: Loaded, steps: list[Step]) -> Iterator[Finding]:
    """An error for every circle without a way out and without a wait; with a way out, a warning."""
    ways = {step.name: step.ways_out() for step in steps if not step.waits()}
    by_name = {step.name: step for step in steps}
    for circle in _circles(ways):
        leaves = any(way not in circle for name in circle for way in ways[name])
        first = next(step for step in steps if step.name in circle)
        pointer = _way_back(first, circle, by_name)
        names = listed([step.name for step in steps if step.name in circle])
        if leaves:
            message = f"{names} may repeat without a task that waits."
            remedy = "Calculate in one expression, or put a `wait` or a call between."
            yield loaded.warning(codes.SPINNING, pointer, message, remedy)
        else:
            message = f"{names} repeat for ever, and none of them waits."
            remedy = "Add a way out: a `switch`, or another `then`."
            yield loaded.error(codes.ENDLESS, pointer, message, remedy)


def _way_back(first: Step, circle: frozenset[str], by_name: dict[str, Step]) -> str:
    """The `then` that closes the circle, or else its first task."""
    for name in circle:
        for pointer, then in by_name[name].places:
            if then == first.name:
                return pointer
    return first.pointer


def _circles(ways: Mapping[str, set[str | None]]) -> Iterator[frozenset[str]]:
    """Sets of tasks of which each leads to each."""
    back: dict[str, set[str | None]] = {name: set() for name in ways}
    for name, followers in ways.items():
        for follower in followers & back.keys():
            back[str(follower)].add(name)
    seen: set[str] = set()
    for name in ways:
        if name in seen:
            continue
        circle = _reached(name, ways) & _reached(name, back)
        seen |= circle
        if name in circle:
            yield frozenset(circle)


def _reached(start: str, ways: Mapping[str, set[str | None]]) -> set[str]:
    reached: set[str] = set()
    waiting = list(ways[start])
    while waiting:
        name = waiting.pop()
        if name in ways and name is not None and name not in reached:
            reached.add(name)
            waiting += ways[name]
    return reached
