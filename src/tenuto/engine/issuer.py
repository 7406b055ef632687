"""The public keys of an OpenID Connect issuer, fetched from it and kept for a while."""

import json
import threading
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import httpx
import jwt

from tenuto.core.errors import UnreachableError, UsageError
from tenuto.identity.local import is_loopback

_DISCOVERY = "/.well-known/openid-configuration"
_KEPT_FOR_S = 300.0
"""A key that the issuer withdrew is trusted for so long at most."""
_BETWEEN_UNKNOWN_S = 30.0
"""Tokens that name made-up keys must not become so many requests to the issuer."""
_PATIENCE_S = 10.0
_MOST_BYTES = 1024 * 1024


class Issuer:
    """The keys that one issuer publishes. Threads may share it.

    Raises UsageError `identity.issuer` for a URL that is not `https://` (`http://` to this
    machine is for tests).
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._is_secure = _is_secure(url)
        self._lock = threading.Lock()
        self._keys: Mapping[str, jwt.PyJWK] = {}
        self._fetched_at: float | None = None
        self._unknown_at: float | None = None

    def find_key(self, kid: str) -> jwt.PyJWK | None:
        """The key of that id, asked for again where it is not known; None if it is not published.

        Raises UnreachableError `identity.issuer-unreachable` when the issuer does not answer as
        an issuer does.
        """
        with self._lock:
            now = time.monotonic()
            if self._fetched_at is None or now - self._fetched_at > _KEPT_FOR_S:
                self._fetch(now)
            elif kid not in self._keys and self._may_ask_again(now):
                self._unknown_at = now
                self._fetch(now)
            return self._keys.get(kid)

    def _may_ask_again(self, now: float) -> bool:
        return self._unknown_at is None or now - self._unknown_at > _BETWEEN_UNKNOWN_S

    def _fetch(self, now: float) -> None:
        with httpx.Client(timeout=_PATIENCE_S, follow_redirects=False) as client:
            told = self._document(client, self._url.rstrip("/") + _DISCOVERY)
            if told.get("issuer") != self._url:
                raise self._unusable(f"it calls itself `{str(told.get('issuer'))[:200]}`")
            keys_url = str(told.get("jwks_uri"))
            if _is_secure(keys_url) != self._is_secure:
                raise self._unusable(f"its keys are at `{keys_url[:200]}`, which is not https")
            published = self._document(client, keys_url).get("keys")
        if not isinstance(published, list):
            raise self._unusable("it publishes no keys")
        self._keys = _usable(published)
        self._fetched_at = now

    def _document(self, client: httpx.Client, url: str) -> Mapping[str, Any]:
        try:
            with client.stream("GET", url) as answer:
                body = b""
                for chunk in answer.iter_bytes():
                    body += chunk
                    if len(body) > _MOST_BYTES:
                        raise self._unusable(f"{url} is longer than {_MOST_BYTES:,} bytes")
            if answer.status_code != httpx.codes.OK:
                raise self._unusable(f"{url} answers {answer.status_code}")
            document = json.loads(body)
        except (httpx.HTTPError, httpx.InvalidURL, ValueError, RecursionError) as wrong:
            raise self._unusable(f"{url}: {type(wrong).__name__}: {wrong}") from wrong
        if not isinstance(document, dict):
            raise self._unusable(f"{url} is no JSON object")
        return document

    def _unusable(self, why: str) -> UnreachableError:
        return UnreachableError(
            f"The issuer {self._url} cannot be asked for its keys: {why}. Check that it is"
            " reachable from here and that `identity.issuer` is spelt as it spells itself.",
            code="identity.issuer-unreachable",
            details={"issuer": self._url},
        )


def _is_secure(url: str) -> bool:
    """Whether it is https; False for http to this machine. Raises UsageError for all else."""
    parts = urlsplit(url)
    if parts.scheme == "https" and parts.hostname:
        return True
    if parts.scheme == "http" and is_loopback(parts.hostname or ""):
        return False
    raise UsageError(
        f"`{url[:200]}` is no address of an issuer: expected an `https://` URL. Set"
        " `identity.issuer` to the `issuer` that its discovery document names.",
        code="identity.issuer",
    )


def _usable(published: list[Any]) -> Mapping[str, jwt.PyJWK]:
    """The keys by id; those of another kind (for encryption, of a new type) are not for us."""
    keys: dict[str, jwt.PyJWK] = {}
    for each in published:
        if not isinstance(each, dict) or not isinstance(each.get("kid"), str):
            continue
        try:
            key = jwt.PyJWK(each)
        except jwt.PyJWTError:
            continue
        keys.setdefault(each["kid"], key)
    return keys
