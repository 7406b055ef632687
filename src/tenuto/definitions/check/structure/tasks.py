"""Whether every item of every list is one task, of one kind, in the form of that kind."""

from collections.abc import Iterator

from pydantic import JsonValue

from tenuto.definitions.check.nearest import listed
from tenuto.definitions.check.shown import named, shown
from tenuto.definitions.check.structure import codes
from tenuto.definitions.check.structure.forms import mistakes
from tenuto.definitions.check.structure.kinds.every import form_name
from tenuto.definitions.check.structure.lists import TaskList, function_bodies
from tenuto.definitions.check.structure.messages import findings
from tenuto.definitions.check.structure.names import suggestion
from tenuto.definitions.findings import Finding
from tenuto.definitions.loaded import Loaded, escaped
from tenuto.definitions.tasks import COMMON, KINDS, TaskAt

DIRECTIVES = ("continue", "exit", "end")
"""What `then` may say besides the name of a task."""


def find_in_list(loaded: Loaded, tasks: TaskList) -> Iterator[Finding]:
    """Items that are no named task, and names that stand twice or can never be a target."""
    first: dict[str, int] = {}
    for index, item in enumerate(tasks.items):
        at = f"{tasks.pointer}/{index}"
        if not (isinstance(item, dict) and len(item) == 1):
            yield _no_task(loaded, at, item)
            continue
        name, body = next(iter(item.items()))
        pointer = f"{at}/{escaped(name)}"
        yield from _name(loaded, name, pointer, index, first)
        yield from _body(loaded, pointer, body)


def find_in_functions(loaded: Loaded) -> Iterator[Finding]:
    """Functions under `use` that are no task."""
    for name, body in function_bodies(loaded.value).items():
        yield from _body(loaded, f"/use/functions/{escaped(name)}", body)


def find_in_task(loaded: Loaded, task: TaskAt) -> Iterator[Finding]:
    """What is wrong with the form of one task; what is inside it is checked by itself."""
    kind = task.kind
    if kind is None:
        yield _no_kind(loaded, task)
        return
    form = form_name(kind, task.body)
    whole = f"a `{form}` task"
    yield from findings(loaded, mistakes(form, task.body), task.pointer, whole, codes.FORM)


def _no_task(loaded: Loaded, at: str, item: JsonValue) -> Finding:
    remedy = "Write each task as `- nameOfTask: {...}`."
    if isinstance(item, dict) and len(item) > 1:
        keys = listed(item)
        message = f"One item holds {len(item)} keys, {keys}; expected exactly one named task."
        if any(key in KINDS for key in item):
            remedy = "Put a name before them: `- nameOfTask:`, and indent the rest."
        return loaded.error(codes.ITEM, at, message, remedy)
    return loaded.error(codes.ITEM, at, f"{shown(item)} is not one named task.", remedy)


def _name(
    loaded: Loaded, name: str, pointer: str, index: int, first: dict[str, int]
) -> Iterator[Finding]:
    if name in first:
        message = f"{named(name)} is the name of task {first[name] + 1} of this list too."
        remedy = "Give every task of a list a name of its own."
        yield loaded.error(codes.SAME_NAME, pointer, message, remedy, of_key=True)
    first.setdefault(name, index)
    if name in DIRECTIVES:
        message = f"A task is called `{name}`, which means something else in `then`."
        yield loaded.warning(
            codes.DIRECTIVE_NAME, pointer, message, "Give it another name.", of_key=True
        )
    if not name.strip():
        message = "A task has an empty name."
        yield loaded.error(codes.ITEM, pointer, message, "Give it a name.", of_key=True)


def _body(loaded: Loaded, pointer: str, body: JsonValue) -> Iterator[Finding]:
    if not isinstance(body, dict):
        message = f"The task is {shown(body)}; expected a mapping with one of {_kinds()}."
        yield loaded.error(codes.KINDS, pointer, message, "Say what the task does.", of_key=True)


def _no_kind(loaded: Loaded, task: TaskAt) -> Finding:
    several = [kind for kind in task.body if kind in KINDS]
    if several:
        message = f"The task is {listed(several)} at once; a task is of one kind."
        remedy = "Make a task of each."
        pointer = f"{task.pointer}/{several[1]}"
        return loaded.error(codes.KINDS, pointer, message, remedy, of_key=True)
    others = [name for name in task.body if name not in COMMON]
    if not others:
        message = f"The task says nothing to do; expected one of {_kinds()}."
        return loaded.error(codes.KINDS, task.pointer, message, "Add one.", of_key=True)
    meant = suggestion(others[0], KINDS) or _BESIDE.get(others[0])
    remedy = f"Did you mean `{meant}`?" if meant else f"Kinds of task are {_kinds()}."
    if others[0] in _BESIDE:
        remedy = f"`{others[0]}` belongs beside `{_BESIDE[others[0]]}`, which is missing."
    message = f"{listed(others)} {'is' if len(others) == 1 else 'are'} no kind of task."
    pointer = f"{task.pointer}/{escaped(others[0])}"
    return loaded.error(codes.KINDS, pointer, message, remedy, of_key=True)


_BESIDE = {"with": "call", "catch": "try", "while": "for", "foreach": "listen"}


def _kinds() -> str:
    return listed(KINDS)
