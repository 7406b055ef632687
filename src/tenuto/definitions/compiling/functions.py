"""Functions of the document itself, written out where they are called."""

from collections.abc import Callable
from typing import Any

from pydantic import JsonValue

from tenuto.core.errors import UsageError
from tenuto.definitions.compiling.scope import Scope
from tenuto.definitions.compiling.shape import mapping, optional_mapping
from tenuto.definitions.plan import DoTask, Task


def expand(
    function: str,
    body: dict[str, JsonValue],
    at: str,
    scope: Scope,
    common: dict[str, Any],
    compile_task: Callable[[str, dict[str, JsonValue], str, Scope], Task],
) -> DoTask:
    """The call as a `do` around the function's task; what `with` gives becomes its raw input.

    Everything has the name and the pointer of the call, so that an error, the trace, and an
    extension's `$task` say which call it was. Raises UsageError `definition.function-cycle` for
    a function that calls itself, however indirectly.
    """
    if function in scope.expanding:
        way = " -> ".join((*scope.expanding, function))
        raise UsageError(
            f"`{at}` calls the function `{function}`, which calls itself ({way}); repeat with"
            " `for`, or break the circle.",
            code="definition.function-cycle",
            details={"path": at, "functions": [*scope.expanding, function]},
        )
    where = f"/use/functions/{function}"
    written = mapping(scope.used("functions", function, f"{at}/call"), where)
    name = common["name"]
    task = _woven(compile_task(name, written, at, scope.inside(function)))
    if "with" in body:
        arguments = scope.template(optional_mapping(body["with"], f"{at}/with"))
        task = DoTask(name=name, at=at, is_woven=True, input_from=arguments, do=(task,))
    return DoTask(**common, do=(task,))


def _woven(task: Task) -> Task:
    return task.model_copy(update={"is_woven": True})
