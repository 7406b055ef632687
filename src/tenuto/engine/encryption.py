"""Encryption of every payload before it reaches the server or the artifact store.

AES-256-GCM (NIST SP 800-38D) with a random nonce for each payload. The namespace and the key's id
are authenticated with it, so that a payload that was carried into another namespace, or relabelled,
does not decrypt. What was written before encryption was switched on is read as it is.
"""

import asyncio
import os
import time
from collections.abc import Mapping, Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from google.protobuf.message import DecodeError
from temporalio.api.common.v1 import Payload
from temporalio.converter import PayloadCodec

from tenuto.core.errors import DataError, TenutoError
from tenuto.identity.data_keys import DataKeyFile, DataKeyRing
from tenuto.identity.key_files import Version

ENCODING = b"binary/encrypted"
KEY_ID = "encryption-key-id"
"""Metadata of an encrypted payload that names its key."""

WITHOUT_KEY = ("encryption.key-destroyed", "encryption.no-key")
"""Codes of what cannot be read and was not tampered with: a list goes on without it."""

_NONCE_BYTES = 12
_TAG_BYTES = 16
_LOOK_EVERY_S = 2.0
_IN_A_THREAD_BYTES = 1024 * 1024
"""From this size on, encryption takes milliseconds, which an event loop should not lose."""


_Active = tuple[str, AESGCM]
"""Id and cipher of the key that encrypts now."""


class EncryptionCodec(PayloadCodec):
    """Encrypts what one namespace writes and decrypts what it reads.

    With `writes=False` it only decrypts: for a project that has switched encryption off again.
    """

    def __init__(self, namespace: str, keys: DataKeyFile, *, writes: bool = True) -> None:
        self.writes = writes
        self._namespace = namespace
        self._keys = _LiveKeys(keys)

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """Each payload encrypted, its metadata included."""
        if not self.writes:
            return list(payloads)
        key = self._keys.active()
        if _are_large(payloads):
            return await asyncio.to_thread(self._all_encrypted, payloads, key)
        return self._all_encrypted(payloads, key)

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """Each payload as it was before; one that is not encrypted, as it is.

        Raises DataError naming the key: `encryption.no-key`, `encryption.key-destroyed`, or
        `encryption.not-genuine` for bytes that were changed or belong to another namespace.
        """
        if _are_large(payloads):
            return await asyncio.to_thread(self._all_decrypted, payloads)
        return self._all_decrypted(payloads)

    def _all_encrypted(self, payloads: Sequence[Payload], key: _Active) -> list[Payload]:
        return [self._encrypted(payload, *key) for payload in payloads]

    def _all_decrypted(self, payloads: Sequence[Payload]) -> list[Payload]:
        return [self._decrypted(each) if _is_encrypted(each) else each for each in payloads]

    def _encrypted(self, payload: Payload, kid: str, cipher: AESGCM) -> Payload:
        nonce = os.urandom(_NONCE_BYTES)
        plain = payload.SerializeToString()
        return Payload(
            metadata={"encoding": ENCODING, KEY_ID: kid.encode()},
            data=nonce + cipher.encrypt(nonce, plain, self._bound_to(kid)),
        )

    def _decrypted(self, payload: Payload) -> Payload:
        kid = payload.metadata[KEY_ID].decode("ascii", "replace")
        cipher = self._keys.named(kid)
        try:
            if len(payload.data) < _NONCE_BYTES + _TAG_BYTES:
                raise InvalidTag  # noqa: TRY301 (too short to hold one)
            plain = cipher.decrypt(
                payload.data[:_NONCE_BYTES], payload.data[_NONCE_BYTES:], self._bound_to(kid)
            )
            return Payload.FromString(plain)
        except (InvalidTag, DecodeError) as wrong:
            raise DataError(
                f"A payload does not decrypt with its key `{kid}` in namespace"
                f" `{self._namespace}`: it was changed, or it comes from another namespace. Look"
                " at who wrote it; encrypted payloads cannot be moved.",
                code="encryption.not-genuine",
                details={"key": kid, "namespace": self._namespace},
            ) from wrong

    def _bound_to(self, kid: str) -> bytes:
        return b"tenuto payload 1\0" + self._namespace.encode() + b"\0" + kid.encode()


class _LiveKeys:
    """The ring on disk, read again when it changed, so that no process needs a restart."""

    def __init__(self, file: DataKeyFile) -> None:
        self._file = file
        self._version: Version | None = None
        self._ring = DataKeyRing()
        self._ciphers: Mapping[str, AESGCM] = {}
        self._looked_at: float | None = None

    def active(self) -> _Active:
        self._look()
        kid = self._ring.active.kid
        return kid, self._ciphers[kid]

    def named(self, kid: str) -> AESGCM:
        self._look(now=kid not in self._ciphers)
        if kid in self._ciphers:
            return self._ciphers[kid]
        raise self._missing(kid)

    def _look(self, *, now: bool = False) -> None:
        moment = time.monotonic()
        is_fresh = self._looked_at is not None and moment - self._looked_at < _LOOK_EVERY_S
        if is_fresh and not now:
            return
        version = self._file.version()
        if version != self._version or self._looked_at is None:
            self._take(self._file.read())
            self._version = version
        self._looked_at = moment

    def _take(self, ring: DataKeyRing) -> None:
        self._ring = ring
        self._ciphers = {key.kid: AESGCM(key.bytes) for key in ring.keys if key.bytes}

    def _missing(self, kid: str) -> TenutoError:
        known = self._ring.by_id().get(kid)
        details = {"key": kid}
        if known and known.destroyed_at:
            return DataError(
                f"A payload was encrypted with key `{kid}`, which was destroyed on"
                f" {known.destroyed_at:%Y-%m-%d}: it is erased and cannot be read again.",
                code="encryption.key-destroyed",
                details=details,
            )
        return DataError(
            f"A payload is encrypted with key `{kid}`, which is not in {self._file.path}. Copy"
            " that file from where the payload was written (`tenuto keys list` shows its keys).",
            code="encryption.no-key",
            details=details,
        )


def _is_encrypted(payload: Payload) -> bool:
    return payload.metadata.get("encoding") == ENCODING


def _are_large(payloads: Sequence[Payload]) -> bool:
    return sum(len(payload.data) for payload in payloads) >= _IN_A_THREAD_BYTES
