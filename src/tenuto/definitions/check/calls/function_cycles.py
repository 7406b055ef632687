"""Whether functions of a definition call themselves, which could never be written out."""

from collections.abc import Iterator

from tenuto.definitions.check.meaning_codes import FUNCTION_CYCLE
from tenuto.definitions.check.parts import mapping
from tenuto.definitions.findings import Finding
from tenuto.definitions.loaded import Loaded, escaped
from tenuto.definitions.tasks import TaskAt


def find_function_cycles(loaded: Loaded, tasks: list[TaskAt]) -> Iterator[Finding]:
    """Every call inside a function that leads, perhaps through others, back to that function."""
    functions = mapping(loaded.value, "use", "functions")
    calls = {name: list(_calls(name, tasks, set(functions))) for name in functions}
    for name, called in calls.items():
        for pointer, next_name in called:
            way = _way(next_name, name, calls)
            if way is not None:
                shown = " -> ".join((name, *way))
                message = f"The function `{name}` calls itself ({shown})."
                remedy = "Repeat with `for`, or put the repeated part into a definition of its own."
                yield loaded.error(FUNCTION_CYCLE, pointer, message, remedy)


def _calls(name: str, tasks: list[TaskAt], functions: set[str]) -> Iterator[tuple[str, str]]:
    inside = f"/use/functions/{escaped(name)}"
    for task in tasks:
        called = task.body.get("call")
        is_inside = task.pointer == inside or task.pointer.startswith(f"{inside}/")
        if is_inside and isinstance(called, str) and called in functions:
            yield f"{task.pointer}/call", called


def _way(start: str, goal: str, calls: dict[str, list[tuple[str, str]]]) -> list[str] | None:
    """Functions from `start` to `goal`, both among them; None where there is no way."""
    ways = {start: [start]}
    waiting = [start]
    while waiting:
        here = waiting.pop()
        if here == goal:
            return ways[here]
        for _, there in calls[here]:
            if there not in ways:
                ways[there] = [*ways[here], there]
                waiting.append(there)
    return None
