"""What `use.extensions` adds around tasks, woven in so that a run needs to know nothing of it.

An extension stands between a task's input and its output: its tasks get the extended task's
transformed input (`before`) and raw output (`after`), and change neither, with one exception: a
task of `before` that goes to `exit` ends the extended task, and its output becomes that task's
raw output. `output` and `export` of the extended task apply either way.
"""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple, TypeAlias

from pydantic import JsonValue

from tenuto.core.errors import UsageError
from tenuto.definitions.compiling.scope import Extended, Scope
from tenuto.definitions.compiling.shape import items, named, optional_mapping, text
from tenuto.definitions.plan import (
    Case,
    DoTask,
    Expression,
    ForTask,
    SetTask,
    SwitchTask,
    Task,
    TryTask,
)

_COMPOSITE = ("do", "fork")
_UNCHANGED = "${ $input }"
_APPLIES = "tenutoApplies"
_PASSED: dict[str, JsonValue] = {"tenuto.extension": "passed"}
"""What the tasks before give when none of them went to `exit`."""
_AS_WRITTEN = (
    "if_",
    "input_schema",
    "input_from",
    "output_as",
    "output_schema",
    "export_as",
    "export_schema",
    "timeout",
    "then",
    "search_attributes",
)
"""Fields of a task that move to the `do` around it."""

Lists: TypeAlias = Callable[[JsonValue, str, Scope], tuple[Task, ...]]


class Extension(NamedTuple):
    """One extension, compiled for one task."""

    name: str
    at: str
    around: str
    """Pointer of that task."""
    when: Expression | None
    before: tuple[Task, ...]
    after: tuple[Task, ...]

    def part(self, name: str) -> dict[str, Any]:
        """Name, pointer, and the like of what this extension puts around the task."""
        return {
            "name": f"{self.name}.{name}",
            "at": f"{self.at}/{name.partition('.')[0]}",
            "is_woven": True,
            "around": self.around,
        }


def extend(
    task: Task, kind: str, body: dict[str, JsonValue], scope: Scope, compile_list: Lists
) -> Task:
    """`task` with every extension of the document that applies to its kind, the first outermost.

    Tasks of extensions are not extended. Raises UsageError `definition.cannot-extend` for a task
    that says where the list around it goes on.
    """
    if scope.extended is not None:
        return task
    inside = scope.extending(Extended(name=task.name, reference=task.at, body=body))
    applying = list(_applying(kind, task.at, inside, compile_list))
    if not applying:
        return task
    _refuse_directing(task, applying[0])
    fields = {name: getattr(task, name) for name in _AS_WRITTEN}
    plain = type(task).model_fields
    bare = {name: plain[name].get_default(call_default_factory=True) for name in _AS_WRITTEN}
    inner: Task = task.model_copy(update={**bare, "is_woven": True})
    for extension in reversed(applying):
        inner = _around(inner, extension)
    # What people see is the task as it was written: the outermost one.
    steps = inner.do if isinstance(inner, DoTask) else (inner,)
    return DoTask(name=task.name, at=task.at, do=steps, definition=task.definition, **fields)


def _applying(kind: str, around: str, scope: Scope, compile_list: Lists) -> Iterator[Extension]:
    use = optional_mapping(scope.document.get("use"), "/use")
    for index, item in enumerate(items(use.get("extensions") or [], "/use/extensions")):
        name, written = named(item, f"/use/extensions/{index}")
        at = f"/use/extensions/{index}/{name}"
        target = text(written.get("extend"), f"{at}/extend")
        if target in ("all", kind) or (target == "composite" and kind in _COMPOSITE):
            yield Extension(
                name,
                at,
                around,
                scope.optional_expression(written.get("when"), f"{at}/when"),
                compile_list(written.get("before", []), f"{at}/before", scope),
                compile_list(written.get("after", []), f"{at}/after", scope),
            )


def _around(task: Task, extension: Extension) -> DoTask | ForTask:
    steps = (*_before(extension), task, *_after(extension))
    if not _is_asked_once(extension):
        return DoTask(name=task.name, at=task.at, is_woven=True, do=steps)
    # `after` has another input than `before`: the answer is kept in the variable of a loop.
    return ForTask(
        **extension.part("when"),
        do=steps,
        each=_APPLIES,
        at_variable=f"{_APPLIES}Index",
        in_=f"${{ [({extension.when}) | . != null and . != false] }}",
    )


def _before(extension: Extension) -> tuple[Task, ...]:
    if not extension.before:
        return ()
    if not _may_exit(extension.before):
        return (
            DoTask(
                **extension.part("before"),
                if_=_condition(extension),
                do=extension.before,
                output_as=_UNCHANGED,
            ),
        )
    passed = SetTask(**extension.part("before.passed"), value=_PASSED)
    asked = SwitchTask(
        **extension.part("before.asked"),
        cases=(
            Case(name="applies", when=_condition(extension) or "true", then="continue"),
            Case(name="else", then=passed.name),
        ),
    )
    outcome = 'if . == {"tenuto.extension": "passed"} then {go: $input} else {exit: .} end'
    return (
        DoTask(
            **extension.part("before"),
            do=(asked, *extension.before, passed),
            output_as=f"${{ {outcome} }}",
        ),
        SwitchTask(
            **extension.part("before.outcome"),
            cases=(
                Case(name="passed", when='has("go")', then="continue"),
                Case(name="exited", then="exit"),
            ),
            output_as='${ if has("go") then .go else .exit end }',
        ),
    )


def _after(extension: Extension) -> tuple[Task, ...]:
    if not extension.after:
        return ()
    return (
        DoTask(
            **extension.part("after"),
            if_=_condition(extension),
            do=extension.after,
            output_as=_UNCHANGED,
        ),
    )


def _is_asked_once(extension: Extension) -> bool:
    return extension.when is not None and bool(extension.after)


def _condition(extension: Extension) -> Expression | None:
    return f"${_APPLIES}" if _is_asked_once(extension) else extension.when


def _may_exit(tasks: tuple[Task, ...]) -> bool:
    return any(
        task.then == "exit"
        or (isinstance(task, SwitchTask) and any(case.then == "exit" for case in task.cases))
        or (isinstance(task, TryTask) and task.catch.then == "exit")
        for task in tasks
    )


def _refuse_directing(task: Task, extension: Extension) -> None:
    directs = isinstance(task, SwitchTask) or (
        isinstance(task, TryTask) and task.catch.then not in (None, "end")
    )
    if directs:
        raise UsageError(
            f"The extension `{extension.name}` applies to `{task.at}`, which says where the list"
            " around it goes on (a `switch`, or a `try` with `catch.then`) and cannot be extended."
            " Name the kinds it is meant for, one extension for each, instead of `extend: all`.",
            code="definition.cannot-extend",
            details={"path": task.at, "extension": extension.name},
        )
