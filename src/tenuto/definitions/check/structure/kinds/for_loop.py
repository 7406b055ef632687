"""The form of `for`: tasks once for each item of a collection."""

from tenuto.definitions.check.structure.kinds.form import closed, list_of
from tenuto.definitions.check.structure.kinds.task import task, variable
from tenuto.definitions.check.structure.kinds.text import CONDITION
from tenuto.definitions.check.structure.kinds.values import TASKS

_ITEM = {
    "type": "object",
    "title": "a mapping, as every item of a list that is written out",
    "remedy": "Give other items by an expression: `in: ${ [1, 2, 3] }`.",
}

FOR = task(
    {
        "for": closed(
            {
                "each": variable("the item"),
                "in": {
                    **list_of(_ITEM),
                    "type": ["string", "array"],
                    "title": "an expression that gives a list, or a list of mappings",
                    "examples": [".items"],
                },
                "at": variable("the index"),
            },
            ("in",),
            title="a mapping with `in`",
        ),
        "while": CONDITION,
        "do": TASKS,
    },
    ("for", "do"),
)
