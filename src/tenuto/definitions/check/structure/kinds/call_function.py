"""The form of `call` with a function of the catalog or of `use.functions`."""

from tenuto.definitions.check.structure.kinds.task import task

CALL_FUNCTION = task(
    {
        "call": {"type": "string", "minLength": 1, "title": "the name of a function"},
        "with": {"type": "object", "title": "a mapping from argument to value"},
    },
    ("call",),
)
