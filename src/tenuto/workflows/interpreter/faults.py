"""Which errors a catch takes, and where an error arose."""

from pydantic import JsonValue

from tenuto.core.problem import Problem, canonical_type, problem
from tenuto.definitions.plan import Catch, Pointer, TaskBase
from tenuto.workflows.interpreter.step import Step


def located(error: Problem, at: Pointer) -> Problem:
    """`error` with its `instance`: `at`, unless another definition already said where."""
    return error if error.instance is not None else error.model_copy(update={"instance": at})


def located_in(task: TaskBase, error: Problem) -> Problem:
    """`error` with its `instance`: `task`; one of an extension says which task it extends, too."""
    if error.instance is not None or task.around is None:
        return located(error, task.at)
    said = error.detail or error.title or error.type
    known = {"instance": task.at, "detail": f"{said} (in an extension of `{task.around}`)"}
    return error.model_copy(update=known)


def too_late(what: str) -> Problem:
    """The problem of something that took too long."""
    return problem("timeout", f"{what} took longer than it may.")


def catches(catch: Catch, error: Problem, step: Step) -> bool:
    """Whether `catch` takes `error`; `step` has the error bound as the catch's variable.

    Raises Fault `expression` when a condition fails.
    """
    if not _matches(catch.errors, error):
        return False
    if catch.when is not None and not step.holds(catch.when):
        return False
    return catch.except_when is None or not step.holds(catch.except_when)


def _matches(wanted: dict[str, JsonValue], error: Problem) -> bool:
    has = error.as_json()
    return all(name in has and _is_same(name, value, has[name]) for name, value in wanted.items())


def _is_same(member: str, wanted: JsonValue, value: JsonValue) -> bool:
    if member == "type" and isinstance(wanted, str) and isinstance(value, str):
        return canonical_type(wanted) == canonical_type(value)
    return wanted == value
