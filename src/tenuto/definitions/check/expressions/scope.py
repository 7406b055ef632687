"""What to say of a variable that an expression may not read where it stands."""

from tenuto.definitions.check.expressions.used import Written
from tenuto.definitions.check.nearest import listed, nearest

ARGUMENTS = frozenset(
    {"context", "input", "output", "secrets", "authorization", "task", "workflow", "runtime"}
)
"""The variables that the specification names."""

_MEANT = {
    "now": "There is no clock; read `$task.startedAt.iso8601` or `$workflow.startedAt.iso8601`.",
    "today": "There is no clock; read `$workflow.startedAt.iso8601`.",
    "env": "The environment cannot be read; pass the value as input, or declare a secret in"
    " `use.secrets`.",
    "steps": "A task reads the output of the one before as `.`; keep earlier ones with"
    " `export.as` and read `$context`.",
    "error": "An error is known inside `catch` only.",
    "item": "An item is known inside the `do` of a `for` only.",
    "index": "An index is known inside the `do` of a `for` only.",
    "event": "An event is known inside a `foreach` only; a `listen` puts out a list of events.",
}
_SAME = {
    "states": "steps",
    "tasks": "steps",
    "outputs": "steps",
    "results": "steps",
    "step": "steps",
    "vars": "steps",
    "variables": "steps",
    "state": "steps",
    "ENV": "env",
    "environment": "env",
    "date": "today",
    "time": "now",
    "timestamp": "now",
    "err": "error",
    "exception": "error",
    "i": "index",
}


def not_in_scope(name: str, written: Written) -> tuple[str, str]:
    """Message and remedy for the variable `name`, which `written` may not read."""
    known = listed(f"${each}" for each in sorted(written.variables))
    if name in ARGUMENTS:
        return (
            f"`${name}` is not known in `{written.position}`.",
            f"Known here are {known}.",
        )
    message = f"There is no variable `${name}` in `{written.position}`."
    meant = _MEANT.get(_SAME.get(name, name))
    if meant is not None:
        return message, meant
    close = nearest(name, written.variables)
    return message, f"Did you mean `${close}`?" if close else f"Known here are {known}."
