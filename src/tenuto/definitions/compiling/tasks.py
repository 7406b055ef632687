"""Lists of tasks, and one task by its kind."""

from collections.abc import Callable
from typing import Any, TypeAlias

from pydantic import JsonValue

from tenuto.core.errors import UsageError
from tenuto.definitions.compiling import calls, errors, events, extensions, structures
from tenuto.definitions.compiling.common import common_fields
from tenuto.definitions.compiling.scope import Scope
from tenuto.definitions.compiling.shape import items, named
from tenuto.definitions.loaded import escaped
from tenuto.definitions.plan import SetTask, Task, WaitTask
from tenuto.definitions.tasks import KINDS

Body: TypeAlias = dict[str, JsonValue]


def compile_list(value: JsonValue, at: str, scope: Scope) -> tuple[Task, ...]:
    """The tasks of the list that stands at the pointer `at`."""
    compiled = []
    for index, item in enumerate(items(value, at)):
        name, body = named(item, f"{at}/{index}")
        compiled.append(compile_task(name, body, f"{at}/{index}/{escaped(name)}", scope))
    return tuple(compiled)


def compile_task(name: str, body: Body, at: str, scope: Scope) -> Task:
    """The task called `name`, with the extensions that apply to it."""
    kind, scope = kind_of(body, at), scope.of_task(at)
    task = _BY_KIND[kind](body, at, scope, common_fields(name, body, at, scope))
    if kind == "call" and body["call"] in scope.parts("functions"):
        return task  # The function's own task has been extended.
    return extensions.extend(task, kind, body, scope, compile_list)


def kind_of(body: Body, at: str) -> str:
    """The property that says what kind of task it is."""
    kinds = [kind for kind in KINDS if kind in body]
    if kinds == ["do", "for"]:
        return "for"
    if len(kinds) != 1:
        raise UsageError(
            f"`{at}` has the kinds {kinds}; expected exactly one of {', '.join(KINDS)}.",
            code="definition.unchecked",
            details={"path": at},
        )
    return kinds[0]


def _call(body: Body, at: str, scope: Scope, common: dict[str, Any]) -> Task:
    return calls.compile_call(body, at, scope, common, compile_task)


def _set(body: Body, at: str, scope: Scope, common: dict[str, Any]) -> Task:
    return SetTask(**common, value=scope.template(body["set"]))


def _wait(body: Body, at: str, scope: Scope, common: dict[str, Any]) -> Task:
    return WaitTask(**common, duration=scope.template(body["wait"]))


def _do(body: Body, at: str, scope: Scope, common: dict[str, Any]) -> Task:
    return structures.compile_do(body, at, scope, common, compile_list)


def _for(body: Body, at: str, scope: Scope, common: dict[str, Any]) -> Task:
    return structures.compile_for(body, at, scope, common, compile_list)


def _fork(body: Body, at: str, scope: Scope, common: dict[str, Any]) -> Task:
    return structures.compile_fork(body, at, scope, common, compile_list)


def _try(body: Body, at: str, scope: Scope, common: dict[str, Any]) -> Task:
    return errors.compile_try(body, at, scope, common, compile_list)


_BY_KIND: dict[str, Callable[[Body, str, Scope, dict[str, Any]], Task]] = {
    "call": _call,
    "do": _do,
    "emit": events.compile_emit,
    "for": _for,
    "fork": _fork,
    "listen": events.compile_listen,
    "raise": errors.compile_raise,
    "run": calls.compile_run,
    "set": _set,
    "switch": structures.compile_switch,
    "try": _try,
    "wait": _wait,
}
