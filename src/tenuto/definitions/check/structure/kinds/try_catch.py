"""The form of `try`: run tasks, and take their errors."""

from tenuto.definitions.check.structure.kinds.errors import ERROR_FILTER, RETRY_OR_NAME
from tenuto.definitions.check.structure.kinds.form import closed
from tenuto.definitions.check.structure.kinds.task import THEN, task, variable
from tenuto.definitions.check.structure.kinds.text import CONDITION
from tenuto.definitions.check.structure.kinds.values import TASKS

TRY = task(
    {
        "try": TASKS,
        "catch": closed(
            {
                "errors": closed(
                    {"with": ERROR_FILTER},
                    title="a mapping with `with`",
                    remedy="Put what the error must have under `errors.with`.",
                ),
                "as": variable("the error"),
                "when": CONDITION,
                "exceptWhen": CONDITION,
                "retry": RETRY_OR_NAME,
                "do": TASKS,
                "then": THEN,
            },
            title="a mapping",
        ),
    },
    ("try", "catch"),
)
