"""The form of what every task may have."""

from tenuto.definitions.check.structure.kinds.form import Schema, closed
from tenuto.definitions.check.structure.kinds.text import CONDITION, TEXT
from tenuto.definitions.check.structure.kinds.values import EXPORT, INPUT, OUTPUT, TIMEOUT_OR_NAME

DOLLARLESS = "without the dollar sign"

THEN: Schema = {
    "type": "string",
    "title": "`continue`, `exit`, `end`, or the name of a task of the same list",
}

_COMMON: Schema = {
    "if": CONDITION,
    "input": INPUT,
    "output": OUTPUT,
    "export": EXPORT,
    "timeout": TIMEOUT_OR_NAME,
    "then": THEN,
    "metadata": {"type": "object", "title": "a mapping"},
}


def task(properties: Schema, required: tuple[str, ...] = ()) -> Schema:
    """A task with these properties beside those of every task."""
    return closed({**_COMMON, **properties}, required)


def variable(what: str) -> Schema:
    """The name under which expressions read `what`, without the dollar sign."""
    return {
        **TEXT,
        "pattern": "^[a-zA-Z_][a-zA-Z0-9_]*$",
        "title": f"a name for {what}, {DOLLARLESS}",
    }
