"""The tasks of a definition, wherever they stand, in document order."""

from collections.abc import Iterator
from dataclasses import dataclass

from pydantic import JsonValue

from tenuto.definitions.loaded import escaped

KINDS = (
    "call",
    "do",
    "emit",
    "for",
    "fork",
    "listen",
    "raise",
    "run",
    "set",
    "switch",
    "try",
    "wait",
)
"""Kinds of task: the property that makes a task one of this kind. `for` has a `do` too."""

COMMON = ("if", "input", "output", "export", "timeout", "then", "metadata")
"""What every task may have."""


@dataclass(frozen=True, kw_only=True, slots=True)
class TaskAt:
    """One task as written."""

    pointer: str
    """`/do/0/getPet`."""
    name: str
    body: dict[str, JsonValue]
    siblings: tuple[str, ...]
    """Names of the tasks of its list, in order, itself among them."""
    index: int
    """Its place in that list."""
    variables: frozenset[str]
    """Loop, catch, and event variables that its expressions may read, without the dollar sign."""

    @property
    def kind(self) -> str | None:
        """The kind of the task; None when none or several are named."""
        named = [kind for kind in KINDS if kind in self.body]
        if named == ["do", "for"]:
            return "for"
        return named[0] if len(named) == 1 else None


def walk_tasks(definition: JsonValue) -> Iterator[TaskAt]:
    """Every task of the definition: of `do`, of `use.functions`, and of `use.extensions`.

    Parts that have not the form of a task are passed over: other checks name them.
    """
    if not isinstance(definition, dict):
        return
    use = definition.get("use")
    if isinstance(use, dict):
        yield from _functions(use.get("functions"))
        yield from _extensions(use.get("extensions"))
    yield from walk_list(definition.get("do"), "/do", frozenset())


def walk_list(tasks: JsonValue, pointer: str, variables: frozenset[str]) -> Iterator[TaskAt]:
    """Every task of the list at `pointer`, and what is inside each."""
    if not isinstance(tasks, list):
        return
    names = tuple(next(iter(item)) for item in tasks if isinstance(item, dict) and len(item) == 1)
    position = 0
    for index, item in enumerate(tasks):
        if not (isinstance(item, dict) and len(item) == 1):
            continue
        name, body = next(iter(item.items()))
        if isinstance(body, dict):
            at = f"{pointer}/{index}/{escaped(name)}"
            task = TaskAt(
                pointer=at,
                name=name,
                body=body,
                siblings=names,
                index=position,
                variables=variables,
            )
            yield task
            yield from _inside(task)
        position += 1


def inner_lists(task: TaskAt) -> Iterator[tuple[str, JsonValue, frozenset[str]]]:
    """The lists of tasks inside a task: pointer, list, variables that its tasks may read."""
    body, at, known = task.body, task.pointer, task.variables
    match task.kind:
        case "do":
            yield f"{at}/do", body.get("do"), known
        case "for":
            yield f"{at}/do", body.get("do"), known | loop_variables(body)
        case "fork":
            yield f"{at}/fork/branches", _get(body, "fork", "branches"), known
        case "try":
            yield f"{at}/try", body.get("try"), known
            yield f"{at}/catch/do", _get(body, "catch", "do"), known | catch_variable(body)
        case "listen":
            inside = _get(body, "foreach", "do")
            yield f"{at}/foreach/do", inside, known | event_variables(body)


def loop_variables(body: dict[str, JsonValue]) -> frozenset[str]:
    """What a `for` binds for its tasks and for `while`."""
    return frozenset({_word(body, "for", "each", "item"), _word(body, "for", "at", "index")})


def catch_variable(body: dict[str, JsonValue]) -> frozenset[str]:
    """What a `catch` binds for its tasks and conditions."""
    return frozenset({_word(body, "catch", "as", "error")})


def event_variables(body: dict[str, JsonValue]) -> frozenset[str]:
    """What the `foreach` of a `listen` binds for its tasks."""
    return frozenset(
        {_word(body, "foreach", "item", "item"), _word(body, "foreach", "at", "index")}
    )


def _inside(task: TaskAt) -> Iterator[TaskAt]:
    for pointer, tasks, variables in inner_lists(task):
        yield from walk_list(tasks, pointer, variables)


def _functions(functions: JsonValue) -> Iterator[TaskAt]:
    if not isinstance(functions, dict):
        return
    for name, body in functions.items():
        if isinstance(body, dict):
            task = TaskAt(
                pointer=f"/use/functions/{escaped(name)}",
                name=name,
                body=body,
                siblings=(name,),
                index=0,
                variables=frozenset(),
            )
            yield task
            yield from _inside(task)


def _extensions(extensions: JsonValue) -> Iterator[TaskAt]:
    if not isinstance(extensions, list):
        return
    for index, item in enumerate(extensions):
        if not (isinstance(item, dict) and len(item) == 1):
            continue
        name, extension = next(iter(item.items()))
        if not isinstance(extension, dict):
            continue
        for moment in ("before", "after"):
            at = f"/use/extensions/{index}/{escaped(name)}/{moment}"
            yield from walk_list(extension.get(moment), at, frozenset())


def _get(body: dict[str, JsonValue], first: str, second: str) -> JsonValue:
    outer = body.get(first)
    return outer.get(second) if isinstance(outer, dict) else None


def _word(body: dict[str, JsonValue], first: str, second: str, otherwise: str) -> str:
    word = _get(body, first, second)
    # A name with its dollar sign is a mistake of its own, and what reads it is none.
    return word.removeprefix("$") if isinstance(word, str) else otherwise
