"""The form of `run`: another definition as a child."""

from tenuto.definitions.check.structure import codes
from tenuto.definitions.check.structure.kinds.form import Schema, closed, refused
from tenuto.definitions.check.structure.kinds.task import task
from tenuto.definitions.check.structure.kinds.text import EXPRESSION, NAME, SEMVER_PATTERN, VERSION


def _written_out(member: str, form: Schema) -> Schema:
    """What names a definition is no expression: which one is run is known when it is checked."""
    refusal = refused(
        codes.FORM,
        f"`{member}` of `run.workflow` is an expression; which definition is run is written out.",
        "Write its name, and choose between several with a `switch` before it.",
    )
    return {"type": "string", "if": EXPRESSION, "then": refusal, "else": form, **_told(form)}


def _told(form: Schema) -> Schema:
    return {key: form[key] for key in ("title", "remedy", "examples") if key in form}


_VERSION_OR_LATEST: Schema = {
    **VERSION,
    "pattern": f"^({SEMVER_PATTERN}|latest)$",
    "title": "one semantic version as text, or `latest`",
    "remedy": "Write three numbers in quotes, `'1.0.0'`, or `latest` for the newest.",
}

_SUBFLOW = closed(
    {
        "namespace": _written_out("namespace", NAME),
        "name": _written_out("name", NAME),
        "version": _written_out("version", _VERSION_OR_LATEST),
        "input": {"type": "object", "title": "a mapping"},
    },
    ("namespace", "name", "version"),
    title="a mapping with `namespace`, `name`, and `version`",
    examples=[{"namespace": "ops", "name": "fee", "version": "1.0.0"}],
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
