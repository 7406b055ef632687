"""OpenAPI documents: fetched by the guarded client, read as data, kept for a few minutes."""

import logging
from dataclasses import dataclass
from hashlib import sha256
from threading import Lock
from time import monotonic
from typing import Any

import httpx
from temporalio import activity

from tenuto.activities.definitions.answers import read_json
from tenuto.activities.definitions.asks import Ask, Deadline, readable_url
from tenuto.activities.definitions.exchange import exchange
from tenuto.activities.definitions.masks import Masks
from tenuto.activities.http_answer import shown
from tenuto.catalog.library.definitions.http import Endpoint
from tenuto.core.errors import UsageError
from tenuto.core.yaml12 import read_yaml

_MAX_BYTES = 8 * 1024 * 1024
_KEPT_S = 300.0
_MOST_KEPT = 50

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Described:
    """An interface as its document describes it."""

    value: dict[str, Any]
    url: httpx.URL
    """Where the document was in the end: its servers may be relative to that."""
    digest: str
    """SHA-256 of its bytes."""

    @property
    def name(self) -> str:
        """Its address for a message."""
        return shown(self.url)


def document_at(endpoint: Endpoint, masks: Masks, deadline: Deadline) -> Described:
    """The document at `endpoint`, at most five minutes old; its digest is logged and beaten.

    Raises as `exchange` does, and UsageError `call.document-invalid`.
    """
    key = sha256(endpoint.model_dump_json().encode()).hexdigest()
    document = _kept.get(key)
    if document is None:
        document = _fetched(endpoint, masks, deadline)
        _kept.put(key, document)
    activity.heartbeat({"document": document.name, "sha256": document.digest})
    _log.info("OpenAPI document %s has sha256 %s", document.name, document.digest)
    return document


def _fetched(endpoint: Endpoint, masks: Masks, deadline: Deadline) -> Described:
    ask = Ask(
        method="GET",
        url=readable_url(endpoint.uri),
        headers={"accept": "application/json, application/yaml;q=0.9, */*;q=0.5"},
        follows=True,
    )
    done = exchange(ask, endpoint.authentication, masks, deadline=deadline, max_bytes=_MAX_BYTES)
    url, body = readable_url(done.answer.url), done.answer.body
    return Described(_read(body, shown(url)), url, sha256(body).hexdigest())


def _read(body: bytes, source: str) -> dict[str, Any]:
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as exc:
        raise invalid(source, f"it is not UTF-8 ({exc.reason})") from exc
    is_json = text.lstrip().startswith("{")
    value = read_json(text, source) if is_json else read_yaml(text, source)
    if not isinstance(value, dict):
        raise invalid(source, "it is not an object")
    return value


def invalid(source: str, why: str) -> UsageError:
    """The error for a document that cannot be used."""
    return UsageError(
        f"The OpenAPI document {source} cannot be used: {why}; correct it, or call the interface "
        "with `call: http`.",
        code="call.document-invalid",
    )


class _Documents:
    """Documents of this worker, the oldest given up first."""

    def __init__(self) -> None:
        self._documents: dict[str, tuple[Described, float]] = {}
        self._lock = Lock()

    def get(self, key: str) -> Described | None:
        with self._lock:
            document, until = self._documents.get(key, (None, 0.0))
            return document if until > monotonic() else None

    def put(self, key: str, document: Described) -> None:
        with self._lock:
            self._documents.pop(key, None)
            while len(self._documents) >= _MOST_KEPT:
                del self._documents[next(iter(self._documents))]
            self._documents[key] = (document, monotonic() + _KEPT_S)


_kept = _Documents()
