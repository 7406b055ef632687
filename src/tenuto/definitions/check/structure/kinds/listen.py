"""The form of `listen`: wait for events."""

from tenuto.definitions.check.structure import codes
from tenuto.definitions.check.structure.kinds.events import EVENTS
from tenuto.definitions.check.structure.kinds.form import closed, refused
from tenuto.definitions.check.structure.kinds.task import task

LISTEN = task(
    {
        "listen": closed(
            {
                "to": EVENTS,
                "read": {
                    "enum": ["data", "envelope", "raw"],
                    "title": "one of `data`, `envelope`, `raw`",
                },
            },
            ("to",),
            title="a mapping with `to`",
            remedy="Put which events it waits for under `listen.to`.",
        ),
        "foreach": refused(
            codes.LISTEN_REFUSED,
            "`foreach` of a `listen` task is not in this release.",
            "Listen for one event at a time, and go back with `then` until a `switch` goes on.",
        ),
    },
    ("listen",),
)
