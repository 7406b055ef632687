"""One request to an HTTP interface, complete but for who is asking."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from time import monotonic
from urllib.parse import urlencode

import httpx
from pydantic import JsonValue
from temporalio import activity

from tenuto.activities.http_answer import shown
from tenuto.catalog.library.definitions.http import Scalar
from tenuto.core.errors import TransientError, UsageError

_REPEATABLE = ("GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE")
"""Idempotent after RFC 9110, 9.2.2."""
_FORM = "application/x-www-form-urlencoded"
_FRAMING = ("content-length", "transfer-encoding", "connection", "host")
_SHARE_OF_TIME = 0.9
"""Of an attempt's time: what is left is for telling the engine how it ended."""


@dataclass(frozen=True, kw_only=True)
class Ask:
    """What is sent."""

    method: str
    """In capitals."""
    url: httpx.URL
    headers: dict[str, str] = field(default_factory=dict)
    """Names in lower case."""
    body: bytes | None = None
    follows: bool = False
    """Whether 300 to 399 is a success, and a GET or HEAD is sent on."""

    @property
    def is_repeatable(self) -> bool:
        """Whether sending it twice does what sending it once does, by its method."""
        return self.method in _REPEATABLE

    @property
    def where(self) -> str:
        """Method and address for a message, without the query."""
        return f"{self.method} {shown(self.url)}"


def readable_url(text: str) -> httpx.URL:
    """`text` as a URL without its fragment. Raises UsageError `http.url-invalid`."""
    try:
        return httpx.URL(text).copy_with(fragment=None)
    except httpx.InvalidURL as exc:
        raise UsageError(f"a URL cannot be read: {exc}", code="http.url-invalid") from exc


def with_query(
    url: httpx.URL, query: Mapping[str, Scalar | list[Scalar] | None] | Iterable[tuple[str, str]]
) -> httpx.URL:
    """`url` with more parameters at the end of its query; what stands there is left alone."""
    pairs = _pairs(query) if isinstance(query, Mapping) else list(query)
    if not pairs:
        return url
    written = b"&".join(part for part in (url.query, urlencode(pairs).encode()) if part)
    return url.copy_with(query=written)


def plain_headers(headers: Mapping[str, Scalar | None]) -> dict[str, str]:
    """Header names in lower case, values as text. Raises UsageError `call.header-invalid`."""
    given = ((name.lower(), value) for name, value in headers.items())
    plain = {name: as_text(value) for name, value in given if value is not None}
    for name, value in plain.items():
        if name in _FRAMING:
            raise _bad_header(name, "it is set by the client itself; leave it out")
        if not name.isascii() or not name.isprintable() or set(name) & set(' ":,/()<>@;[]?={}'):
            raise _bad_header(name, "this is not the name of a header")
        if not value.isascii() or not value.isprintable() or value != value.strip():
            raise _bad_header(
                name,
                "its value (not shown) is not one line of ASCII without blanks around it",
            )
    return plain


def encoded_body(body: JsonValue, headers: dict[str, str]) -> bytes | None:
    """The body as bytes; `headers` gets the `content-type` that it lacks.

    Raises UsageError `call.body-invalid` for a form of anything but named texts.
    """
    if body is None:
        return None
    content_type = headers.get("content-type", "")
    if isinstance(body, str):
        headers.setdefault("content-type", "text/plain; charset=utf-8")
        return body.encode()
    if content_type.partition(";")[0].strip().lower() == _FORM:
        return urlencode(_form_fields(body)).encode()
    headers.setdefault("content-type", "application/json")
    return json.dumps(body, ensure_ascii=False, allow_nan=False).encode()


def as_text(value: Scalar) -> str:
    """A scalar as queries and headers have it: `true`, `1.5`, text as it is."""
    return value if isinstance(value, str) else json.dumps(value)


class Deadline:
    """When an attempt must have its answer."""

    def __init__(self) -> None:
        limit = activity.info().start_to_close_timeout or timedelta(minutes=1)
        self._end = monotonic() + limit.total_seconds() * _SHARE_OF_TIME

    def left(self) -> timedelta:
        """The time that is left. Raises TransientError `http.timeout` for none."""
        left_s = self._end - monotonic()
        if left_s <= 0:
            raise TransientError(
                "the step's time is over before its request could be sent; give it more "
                "(`metadata.temporal.startToClose`)",
                code="http.timeout",
            )
        return timedelta(seconds=left_s)


def _pairs(query: Mapping[str, Scalar | list[Scalar] | None]) -> list[tuple[str, str]]:
    return [
        (name, as_text(each))
        for name, value in query.items()
        for each in (value if isinstance(value, list) else [value])
        if each is not None
    ]


def _form_fields(body: JsonValue) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for name, value in body.items() if isinstance(body, dict) else [("", None)]:
        for each in value if isinstance(value, list) else [value]:
            if not isinstance(body, dict) or isinstance(each, dict | list):
                raise UsageError(
                    "the body is to be sent as a form and is not an object of texts and numbers, "
                    "or lists of them; correct `body`, or the header `content-type`",
                    code="call.body-invalid",
                )
            if each is not None:
                found.append((name, as_text(each)))
    return found


def _bad_header(name: str, why: str) -> UsageError:
    return UsageError(f"header {name[:80]!r} is refused: {why}", code="call.header-invalid")
