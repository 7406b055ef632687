"""The keys this process trusts, so that a validator in a workflow need not read a disk.

A worker puts its ring here when it starts and again whenever the file changed. Only validators
read it: they do not run on replay, so that a changed ring cannot change a recorded run.
"""

import threading

from tenuto.core.errors import TransientError
from tenuto.identity.keys import KeyRing

_lock = threading.Lock()
_trusted: KeyRing | None = None


def trust(ring: KeyRing | None) -> None:
    """Makes `ring` the one that `trusted` returns in every thread; None forgets it."""
    global _trusted
    with _lock:
        _trusted = ring.public_part() if ring is not None else None


def trusted() -> KeyRing:
    """The ring given to `trust`. Raises TransientError `ticket.no-keys` where none was."""
    with _lock:
        if _trusted is None:
            raise TransientError(
                "This worker has no keys to verify with, so nothing signed can be accepted."
                " Give it the key file (setting `identity.keys`), and try again.",
                code="ticket.no-keys",
            )
        return _trusted
