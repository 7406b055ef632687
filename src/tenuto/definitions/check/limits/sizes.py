"""Whether data written out in a definition fit into the messages that carry them."""

import json
from collections.abc import Iterable, Iterator

from tenuto.definitions.check.meaning_codes import LARGE, TOO_LARGE
from tenuto.definitions.check.parts import part
from tenuto.definitions.findings import Finding
from tenuto.definitions.loaded import Loaded
from tenuto.definitions.tasks import TaskAt

LIMIT_BYTES = 2 * 1024 * 1024
"""The engine refuses a larger payload."""
WARNING_BYTES = 512 * 1024
"""The engine logs a warning for a larger one."""

_DATA = (
    ("with",),
    ("set",),
    ("run", "workflow", "input"),
    ("emit", "event", "with"),
    ("for", "in"),
)


def find_large_data(loaded: Loaded, tasks: Iterable[TaskAt]) -> Iterator[Finding]:
    """Every literal that is larger than one message may be, or nearly so."""
    for task in tasks:
        for path in _DATA:
            data = part(task.body, *path)
            size = len(json.dumps(data, ensure_ascii=False).encode())
            at = "/".join((task.pointer, *path))
            remedy = "Put the data into a file or the artifact store, and pass a reference."
            if size > LIMIT_BYTES:
                message = f"{size:,} bytes are written out here, and a message has {LIMIT_BYTES:,}."
                yield loaded.error(TOO_LARGE, at, message, remedy, of_key=True)
            elif size > WARNING_BYTES:
                message = f"{size:,} bytes are written out here; every step carries them along."
                yield loaded.warning(LARGE, at, message, remedy, of_key=True)
