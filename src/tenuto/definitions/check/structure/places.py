"""Properties that stand where they do not belong: where each of them does."""

from collections.abc import Iterable

WHOLE_DOCUMENT = "the document"
"""What messages call a definition as a whole."""

_TASK_NAME = "A task's name is the key of its item: `- nameOfTask: {...}`."
_IN_TASKS = {
    "retry": "`retry` belongs in `catch` of a `try` task: `catch: {retry: {...}}`.",
    "catch": "`catch` belongs beside `try`: put the tasks under `try`.",
    "while": "`while` belongs beside `for`.",
    "foreach": "A loop over a collection is a task of its own: `for: {in: ...}` with `do`.",
    "with": "`with` belongs beside `call`, or inside `emit.event` or a filter of `listen`.",
    "when": "A condition of a task is `if`; `when` belongs in a case of `switch`, or in `catch`.",
    "name": _TASK_NAME,
    "id": _TASK_NAME,
    "dependsOn": "Tasks run in the order of their list; what runs at the same time is in `fork`.",
    "else": "A way out for every other case is a case of `switch` without `when`.",
}
"""Words that often stand beside the kind of a task."""

_IN_DOCUMENT = {
    "id": "A definition is named in `document`, by `namespace` and `name`.",
    **{
        name: f"`{name}` belongs in `document`: `document: {{{name}: ...}}`."
        for name in ("dsl", "namespace", "name", "version", "title", "summary", "tags", "metadata")
    },
}
"""Words that often stand beside `document`."""

_INSIDE = {
    ("listen", "timeout"): "`timeout` belongs beside `listen`: `timeout: {after: PT1H}`.",
    ("listen", "foreach"): "`foreach` belongs beside `listen`.",
    ("with", "timeout"): "`timeout` belongs beside `call`: `timeout: {after: PT30S}`.",
    ("with", "retry"): "`retry` belongs in `catch` of a `try` task around this one.",
    ("for", "while"): "`while` belongs beside `for`.",
    ("for", "do"): "`do` belongs beside `for`.",
    ("run", "input"): "`input` belongs inside `workflow`: `workflow: {..., input: {...}}`.",
    ("try", "catch"): "`catch` belongs beside `try`.",
}
"""Mapping, word -> where the word belongs."""

_AUTHENTICATION = "It belongs to an endpoint: `endpoint: {uri: ..., authentication: ...}`."

_HEAD = "document: {dsl: '1.0.3', namespace: ..., name: ..., version: '1.0.0'}"
_WHAT_GOES_IN = {
    "document": f"Begin with `{_HEAD}`.",
    "do": "Add `do`, the list of tasks: `do: [nameOfTask: {...}]`.",
}


def belongs(name: str, path: tuple[str | int, ...], whole: str, known: Iterable[str]) -> str | None:
    """The remedy for `name`, found in the mapping at `path` of `whole`; None for a word without
    a place of its own."""
    if not path:
        return (_IN_DOCUMENT if whole == WHOLE_DOCUMENT else _IN_TASKS).get(name)
    if name in ("authentication", "auth") and "authentication" not in known:
        return _AUTHENTICATION
    return _INSIDE.get((str(path[-1]), name))


def to_add(name: str, path: tuple[str | int, ...], whole: str) -> str:
    """The remedy for `name`, which is missing."""
    is_of_document = not path and whole == WHOLE_DOCUMENT
    return (is_of_document and _WHAT_GOES_IN.get(name)) or f"Add `{name}`."
