"""The form of `fork`: tasks at the same time."""

from tenuto.definitions.check.structure.kinds.form import closed
from tenuto.definitions.check.structure.kinds.task import task
from tenuto.definitions.check.structure.kinds.values import TASKS

FORK = task(
    {
        "fork": closed(
            {"branches": TASKS, "compete": {"type": "boolean", "title": "true or false"}},
            ("branches",),
            title="a mapping with `branches`",
            remedy="Put the tasks under `fork.branches`.",
        )
    },
    ("fork",),
)
