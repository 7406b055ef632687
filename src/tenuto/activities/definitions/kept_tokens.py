"""Access tokens that this worker has, until they expire. They are nowhere but in its memory."""

from dataclasses import dataclass, field
from threading import Lock
from time import monotonic

_EARLIER_S = 30.0
"""A token is not used in its last seconds: it travels, and clocks differ."""


@dataclass(frozen=True)
class _Kept:
    token: str = field(repr=False)
    until: float
    """On the `time.monotonic` clock."""


class KeptTokens:
    """Tokens by the digest of whose they are. Safe to use from several threads."""

    def __init__(self) -> None:
        self._tokens: dict[str, _Kept] = {}
        self._lock = Lock()

    def get(self, key: str) -> str | None:
        """The token, if one is kept and has time left."""
        with self._lock:
            kept = self._tokens.get(key)
            if kept is not None and kept.until <= monotonic():
                del self._tokens[key]
                return None
            return None if kept is None else kept.token

    def put(self, key: str, token: str, lifetime_s: float) -> None:
        """Keeps a token that expires in `lifetime_s`, unless that is too soon to be of use."""
        if lifetime_s > _EARLIER_S:
            with self._lock:
                self._tokens[key] = _Kept(token, monotonic() + lifetime_s - _EARLIER_S)

    def drop(self, key: str) -> None:
        """Forgets one token, if it is kept."""
        with self._lock:
            self._tokens.pop(key, None)

    def clear(self) -> None:
        """Forgets all tokens."""
        with self._lock:
            self._tokens.clear()


kept_tokens = KeptTokens()
