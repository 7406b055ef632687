"""The form of `emit`: send an event."""

from tenuto.definitions.check.structure.kinds.events import EVENT_PROPERTIES
from tenuto.definitions.check.structure.kinds.form import closed
from tenuto.definitions.check.structure.kinds.task import task

EMIT = task(
    {
        "emit": closed(
            {
                "event": closed(
                    {"with": {**EVENT_PROPERTIES, "required": ["type"]}},
                    ("with",),
                    title="a mapping with `with`",
                    remedy="Put the attributes under `event.with`.",
                )
            },
            ("event",),
            title="a mapping with `event`",
            remedy="Put the attributes under `event.with`.",
        )
    },
    ("emit",),
)
