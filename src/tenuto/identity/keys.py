"""Signing keys on disk: made on first use, rotated by command, read by nobody else.

One file per purpose, `<folder>/<purpose>.json`, mode 0600. A copy without the private halves
(`public_part`) is what a worker needs that only verifies.
"""

import base64
import hashlib
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Literal

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from pydantic import AwareDatetime, Field

from tenuto.core.errors import UsageError
from tenuto.core.records import Record
from tenuto.identity.key_files import (
    Version,
    changing,
    create_ring,
    read_ring,
    replace_ring,
    version_of,
)

Purpose = Literal["decisions", "ledger"]
"""`decisions` signs tickets and start permits; `ledger` signs checkpoints of the evidence."""


class StoredKey(Record):
    """One Ed25519 key (RFC 8032), raw bytes in base64."""

    kid: str
    """First 16 hexadecimal characters of the public half's SHA-256."""
    public: str
    private: str | None = Field(default=None, repr=False)
    created_at: AwareDatetime
    retired_at: AwareDatetime | None = None
    """When another took over. It still verifies what it signed."""
    revoked_at: AwareDatetime | None = None
    """When it stopped verifying anything: it was lost or stolen."""

    @property
    def public_bytes(self) -> bytes:
        """The public half, 32 bytes."""
        return base64.b64decode(self.public)

    def signer(self) -> Ed25519PrivateKey:
        """The private half. Raises UsageError `keys.no-private-half` where only the public is."""
        if self.private is None:
            raise UsageError(
                f"Key `{self.kid}` is here without its private half: this machine verifies and"
                " does not sign. Sign where the keys were made, or copy the key file from there.",
                code="keys.no-private-half",
            )
        return Ed25519PrivateKey.from_private_bytes(base64.b64decode(self.private))

    def verifier(self) -> Ed25519PublicKey:
        """The public half."""
        return Ed25519PublicKey.from_public_bytes(self.public_bytes)


class KeyRing(Record):
    """All keys of one purpose, oldest first; the last signs."""

    version: Literal[1] = 1
    keys: tuple[StoredKey, ...] = ()

    @property
    def active(self) -> StoredKey:
        """The key that signs now. Raises UsageError `keys.none` for an empty ring."""
        living = [key for key in self.keys if key.retired_at is None and key.revoked_at is None]
        if not living:
            raise UsageError(
                "No key signs here: the ring is empty or all its keys are retired."
                " Make one with `tenuto keys rotate`.",
                code="keys.none",
            )
        return living[-1]

    @property
    def is_secret(self) -> bool:
        """Whether a private half is in it."""
        return any(key.private is not None for key in self.keys)

    def verifiers(self) -> Mapping[str, StoredKey]:
        """Key id -> key, of every key that still verifies."""
        return {key.kid: key for key in self.keys if key.revoked_at is None}

    def public_part(self) -> "KeyRing":
        """The same ring without private halves."""
        return KeyRing(keys=tuple(k.model_copy(update={"private": None}) for k in self.keys))


class KeyFolder:
    """The files of the signing keys of one installation."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, purpose: Purpose) -> Path:
        """The file of one purpose's keys."""
        return self.folder / f"{purpose}.json"

    def version(self, purpose: Purpose) -> Version | None:
        """What tells one state of the file from another; None where there is none."""
        return version_of(self.path(purpose))

    def read(self, purpose: Purpose) -> KeyRing:
        """The ring as it is on disk; empty where there is no file.

        Raises CorruptError `keys.unreadable` for a file that is no key ring, UsageError
        `keys.open-to-others` for one that other users can write, or read with private halves.
        """
        return read_ring(self.path(purpose), KeyRing) or KeyRing()

    def open(self, purpose: Purpose, now: datetime) -> KeyRing:
        """The ring, with a first key made at the moment `now` where there is none yet."""
        ring = self.read(purpose)
        if ring.keys:
            return ring
        create_ring(self.path(purpose), KeyRing(keys=(new_key(now),)))
        return self.read(purpose)

    def rotate(self, purpose: Purpose, now: datetime) -> KeyRing:
        """The ring with a new key that signs from now on; older ones still verify."""
        with changing(self.path(purpose)):
            retired = tuple(
                key if key.retired_at else key.model_copy(update={"retired_at": now})
                for key in self.read(purpose).keys
            )
            rotated = KeyRing(keys=(*retired, new_key(now)))
            replace_ring(self.path(purpose), rotated)
        return rotated

    def revoke(self, purpose: Purpose, kid: str, now: datetime) -> KeyRing:
        """The ring in which `kid` verifies nothing any more.

        Raises UsageError `keys.unknown` for a key that is not in the ring.
        """
        with changing(self.path(purpose)):
            ring = self.read(purpose)
            _refuse_unknown(kid, purpose, ring)
            changed = KeyRing(keys=tuple(_revoked(key, kid, now) for key in ring.keys))
            replace_ring(self.path(purpose), changed)
        return changed


def _refuse_unknown(kid: str, purpose: Purpose, ring: KeyRing) -> None:
    if kid not in {key.kid for key in ring.keys}:
        known = ", ".join(f"`{key.kid}`" for key in ring.keys) or "none"
        raise UsageError(
            f"No key `{kid}` among the `{purpose}` keys. Known: {known}.", code="keys.unknown"
        )


def _revoked(key: StoredKey, kid: str, now: datetime) -> StoredKey:
    is_meant = key.kid == kid and key.revoked_at is None
    return key.model_copy(update={"revoked_at": now}) if is_meant else key


def new_key(now: datetime) -> StoredKey:
    """A fresh key, made at the moment `now`."""
    private = Ed25519PrivateKey.generate()
    public = private.public_key().public_bytes_raw()
    return StoredKey(
        kid=hashlib.sha256(public).hexdigest()[:16],
        public=base64.b64encode(public).decode(),
        private=base64.b64encode(private.private_bytes_raw()).decode(),
        created_at=now,
    )
