"""Whether a task's timeout leaves time for what the task waits for."""

from collections.abc import Iterable, Iterator

from pydantic import JsonValue

from tenuto.definitions.check.limits.literal_durations import length_s
from tenuto.definitions.check.meaning_codes import TIMEOUT_BEFORE_WAIT
from tenuto.definitions.check.parts import mapping, part
from tenuto.definitions.check.shapes.ways import own_tasks
from tenuto.definitions.findings import Finding
from tenuto.definitions.loaded import Loaded
from tenuto.definitions.tasks import TaskAt


def find_cut_waits(loaded: Loaded, tasks: Iterable[TaskAt]) -> Iterator[Finding]:
    """Every task, and the run itself, whose timeout ends before its own literal waits do."""
    for task in tasks:
        waits = _waits(task)
        yield from _cut(loaded, task.body.get("timeout"), f"{task.pointer}/timeout", waits)
    whole = _in_list(part(loaded.value, "do"), "/do")
    yield from _cut(loaded, part(loaded.value, "timeout"), "/timeout", whole)


def _cut(loaded: Loaded, timeout: JsonValue, at: str, waits: float) -> Iterator[Finding]:
    if isinstance(timeout, str):
        timeout = mapping(loaded.value, "use", "timeouts").get(timeout)
    limit = length_s(part(timeout, "after"))
    if limit is not None and limit < waits:
        yield loaded.warning(
            TIMEOUT_BEFORE_WAIT,
            at,
            f"The timeout is {limit:g} s, and the wait inside takes {waits:g} s: it always fails.",
            "Make the timeout longer than the wait.",
            of_key=True,
        )


def _waits(task: TaskAt) -> float:
    """Seconds that the task certainly waits for, when it is performed."""
    if task.kind == "wait":
        return length_s(task.body["wait"]) or 0.0
    if task.kind == "do":
        return _in_list(task.body["do"], f"{task.pointer}/do")
    return 0.0


def _in_list(tasks: JsonValue, pointer: str) -> float:
    """Seconds that the tasks wait for, up to the first that may be left out or lead elsewhere."""
    total = 0.0
    for task in own_tasks(tasks, pointer):
        if task.kind in ("switch", "raise", "listen", "try", "for", "fork"):
            break
        if "if" not in task.body:
            total += _waits(task)
        if task.body.get("then", "continue") != "continue":
            break
    return total
