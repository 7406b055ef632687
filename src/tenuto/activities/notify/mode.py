"""Live or test: in test mode every message becomes a file, and nothing leaves the machine."""

import io
import os
from hashlib import sha256

from tenuto.activities.notify.file_drop import drop_file
from tenuto.core.errors import UsageError

MODE = "TENUTO_NOTIFY_MODE"
"""`live` (the default) or `test`."""
OUTBOX = "TENUTO_NOTIFY_OUTBOX"
"""The folder of this machine that test mode writes to."""


def is_test_mode() -> bool:
    """Whether messages are captured instead of sent. Raises UsageError `notify.mode-invalid`."""
    mode = os.environ.get(MODE, "") or "live"
    if mode not in ("live", "test"):
        raise UsageError(
            f"{MODE} is {mode!r}, so nothing was sent; set it to `live` or `test` on the worker",
            code="notify.mode-invalid",
        )
    return mode == "test"


def capture(name: str, content: bytes) -> str:
    """Writes what would have been sent to `<outbox>/<name>` and returns the file's URL.

    The same message again writes nothing. Raises UsageError `notify.outbox-missing`, and what
    `drop_file` raises.
    """
    return drop_file(outbox(), name, io.BytesIO(content), sha256=sha256(content).hexdigest())


def outbox() -> str:
    """The outbox folder. Raises UsageError `notify.outbox-missing` for none, or a remote one."""
    folder = os.environ.get(OUTBOX, "").strip()
    if not folder or "://" in folder or "::" in folder:
        raise UsageError(
            f"{MODE} is `test`, and {OUTBOX} names no folder of this machine "
            f"(found: {folder!r}); set it to a path on the worker",
            code="notify.outbox-missing",
        )
    return folder
