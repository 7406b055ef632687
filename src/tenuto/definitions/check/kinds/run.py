"""The form of `run`: another definition as a child."""

from tenuto.definitions.check import structure_codes as codes
from tenuto.definitions.check.kinds.form import Schema, closed, refused
from tenuto.definitions.check.kinds.task import task
from tenuto.definitions.check.kinds.text import NAME, VERSION

_SUBFLOW = closed(
    {
        "namespace": NAME,
        "name": NAME,
        "version": {
            "type": "string",
            "if": {"const": "latest"},
            "else": VERSION,
            "title": "a semantic version as text, or `latest`",
        },
        "input": {"type": "object", "title": "a mapping"},
    },
    ("namespace", "name", "version"),
)


def _process(what: str) -> Schema:
    return refused(
        codes.RUN_REFUSED,
        f"A {what} is not run from a document.",
        "Write an activity that does the work, and `call` it.",
    )


_ONLY_WORKFLOW = closed(
    {
        "await": {"type": "boolean", "title": "true or false"},
        "return": refused(
            codes.RUN_REFUSED,
            "`return` belongs to containers, scripts, and shell commands, which are not run.",
            "Take it away; the output is that of the other definition.",
        ),
        "workflow": _SUBFLOW,
    },
    ("workflow",),
    title="a mapping with `workflow`",
)
_PROCESSES: Schema = {
    "container": _process("container"),
    "script": _process("script"),
    "shell": _process("shell command"),
}

RUN = task(
    {
        "run": {
            "type": "object",
            "if": {"anyOf": [{"required": [name]} for name in _PROCESSES]},
            "then": closed({"await": {}, "return": {}, "workflow": {}, **_PROCESSES}),
            "else": _ONLY_WORKFLOW,
            "title": "a mapping with `workflow`",
        }
    },
    ("run",),
)
