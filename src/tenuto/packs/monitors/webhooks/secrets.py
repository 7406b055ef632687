"""The secrets that webhooks are signed with: 32 random bytes for each URL, in the keys folder.

`<keys>/webhooks.json`, mode 0600, beside the signing keys. It names URLs by their SHA-256, since
a URL can be a secret as well. Another URL has another secret from the first event on. Every
machine whose workers post events needs the file, or the monitors name a secret of their own.
"""

import secrets
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field, SecretStr, StringConstraints

from tenuto.core.errors import NotFoundError
from tenuto.core.records import Record
from tenuto.identity.key_files import changing, create_ring, read_ring, replace_ring

FILE = "webhooks.json"
OVERLAP = timedelta(hours=24)
"""After a rotation, events are signed with the old secret as well for this long."""

_BYTES = 32
Secret = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{43}$")]


class UrlSecrets(Record):
    """What events for one URL are signed with."""

    active: Secret
    made_at: AwareDatetime
    previous: Secret | None = None
    previous_until: AwareDatetime | None = None


class SecretRing(Record):
    """The secrets of a project."""

    version: Literal[1] = 1
    urls: dict[str, UrlSecrets] = Field(default_factory=dict)
    """By the SHA-256 of the URL."""


class WebhookSecrets:
    """The file of one project."""

    def __init__(self, keys: Path) -> None:
        self._path = keys / FILE

    def of(self, url: str, now: datetime) -> tuple[SecretStr, ...]:
        """The secret for `url`, made now if there is none, and while one is exchanged the old one
        after it."""
        known = self._read().urls.get(_name(url)) or self._make(url, now)
        until = known.previous_until
        if known.previous is None or until is None or now >= until:
            return (SecretStr(known.active),)
        return SecretStr(known.active), SecretStr(known.previous)

    def rotate(self, url: str, now: datetime, *, overlap: timedelta = OVERLAP) -> SecretStr:
        """A new secret for `url`; the old one signs beside it for `overlap`.

        Raises NotFoundError `monitors.webhook-unknown` for a URL without a secret.
        """
        with changing(self._path):
            ring = self._read()
            old = ring.urls.get(_name(url))
            if old is None:
                raise NotFoundError(
                    "This project has made no secret for that URL. Secrets are made by the first"
                    " event that is posted there; check how the URL is spelled.",
                    code="monitors.webhook-unknown",
                )
            new = UrlSecrets(
                active=secrets.token_urlsafe(_BYTES),
                made_at=now,
                previous=old.active,
                previous_until=now + overlap,
            )
            self._write(ring, url, new)
        return SecretStr(new.active)

    def _make(self, url: str, now: datetime) -> UrlSecrets:
        with changing(self._path):
            ring = self._read()
            known = ring.urls.get(_name(url))
            if known is None:
                known = UrlSecrets(active=secrets.token_urlsafe(_BYTES), made_at=now)
                self._write(ring, url, known)
        return known

    def _read(self) -> SecretRing:
        return read_ring(self._path, SecretRing) or SecretRing()

    def _write(self, ring: SecretRing, url: str, known: UrlSecrets) -> None:
        changed = ring.model_copy(update={"urls": {**ring.urls, _name(url): known}})
        create_ring(self._path, changed)
        replace_ring(self._path, changed)


def _name(url: str) -> str:
    return sha256(url.encode()).hexdigest()
