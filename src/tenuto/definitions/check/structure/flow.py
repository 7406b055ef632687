"""Whether `then` and the cases of a `switch` lead to tasks that are there."""

from collections.abc import Iterable, Iterator, Mapping

from tenuto.definitions.check.nearest import listed, nearest
from tenuto.definitions.check.shown import named
from tenuto.definitions.check.structure import codes
from tenuto.definitions.check.structure.flow_reach import find_spinning, find_unreachable
from tenuto.definitions.check.structure.flow_steps import AWAY, Step, functions, steps_of
from tenuto.definitions.check.structure.lists import TaskList
from tenuto.definitions.findings import Finding
from tenuto.definitions.loaded import Loaded

_MOST_COMPARED = 200


def find_in_flow(
    loaded: Loaded, tasks: TaskList, everywhere: Mapping[str, str]
) -> Iterator[Finding]:
    """What is wrong with where the tasks of one list lead.

    `everywhere` has every task of the definition: name -> pointer of its list.
    """
    steps = steps_of(tasks)
    for step in steps:
        yield from _default_cases(loaded, step)
    names = {step.name: None for step in steps}
    unknown = [
        finding
        for step in steps
        for finding in _targets(loaded, step, names, tasks.is_ordered, everywhere)
    ]
    yield from unknown
    if tasks.is_ordered and not unknown:
        yield from find_unreachable(loaded, steps)
        yield from find_spinning(loaded, steps)


def list_of_each_task(lists: Iterable[TaskList]) -> dict[str, str]:
    """Name of every task -> pointer of the first list that has one of this name."""
    found: dict[str, str] = {}
    for tasks in lists:
        for _, name, _ in tasks.tasks():
            found.setdefault(name, tasks.pointer)
    return found


def find_in_functions_flow(loaded: Loaded) -> Iterator[Finding]:
    """The same for functions, which have no tasks beside them."""
    for step in functions(loaded.value):
        yield from _default_cases(loaded, step)
        yield from _targets(loaded, step, {}, True, {})


def _default_cases(loaded: Loaded, step: Step) -> Iterator[Finding]:
    defaults = [pointer for pointer, case in step.cases() if "when" not in case]
    for pointer in defaults[1:]:
        message = "The switch has another case without `when` before this one."
        remedy = "Give every case but one a `when`."
        yield loaded.error(codes.DEFAULT_CASES, pointer, message, remedy, of_key=True)


def _targets(
    loaded: Loaded,
    step: Step,
    names: Mapping[str, None],
    is_ordered: bool,
    everywhere: Mapping[str, str],
) -> Iterator[Finding]:
    for pointer, then in step.places:
        if not isinstance(then, str) or then in ("continue", *AWAY):
            continue
        if not is_ordered:
            message = f"`then` names {named(then)}, but branches of a fork have no order."
            remedy = "Put the tasks that follow one another into a `do` in one branch."
            yield loaded.error(codes.TARGET, pointer, message, remedy)
        elif then not in names:
            message = f"`then` names {named(then)}, which is no task of this list."
            remedy = _instead(then, list(names), everywhere.get(then))
            yield loaded.error(codes.TARGET, pointer, message, remedy)


def _instead(then: str, names: list[str], elsewhere: str | None) -> str:
    tasks = f"Tasks of this list are {listed(names)}" if names else "No task stands beside it"
    known = f"{tasks}; or `continue`, `exit`, `end`."
    meant = nearest(then, [*names[:_MOST_COMPARED], "continue", *AWAY])
    if meant is not None:
        return f"Did you mean `{meant}`? {known}"
    if elsewhere is not None:
        return f"That task stands in another list, `{elsewhere}`, out of reach of `then`. {known}"
    return known
