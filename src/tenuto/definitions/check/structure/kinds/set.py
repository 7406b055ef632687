"""The form of `set`: put together data."""

from tenuto.definitions.check.structure.kinds.form import text_or_mapping
from tenuto.definitions.check.structure.kinds.task import task

SET = task(
    {
        "set": text_or_mapping(
            {},
            {"minProperties": 1, "title": "a mapping with at least one member"},
            title="a mapping from name to value, or an expression",
        )
    },
    ("set",),
)
