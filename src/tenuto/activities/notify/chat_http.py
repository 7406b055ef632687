"""HTTP for the chat library: its requests go through our guarded client, and nowhere else.

It stands in for the module `requests` inside the modules of the services. Failures leave as
errors of our tree, which the library does not catch, so that status codes and `Retry-After` mean
here what they mean everywhere.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import timedelta
from io import BytesIO
from typing import Any

import requests
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict

from tenuto.activities import http
from tenuto.activities.in_the_clear import clear_text_host
from tenuto.activities.notify.redaction import hide_paths
from tenuto.core.errors import TenutoError, UsageError

TIMEOUT = timedelta(seconds=10)
MAX_ANSWER_BYTES = 256 * 1024

_NOT_PASSED_ON = {"accept-encoding", "connection", "content-length"}


@dataclass
class Exchange:
    """One message on its way."""

    event_id: str
    log: list[str] = field(default_factory=list)
    """What the library had to say, at level warning or above."""
    answers: list[bytes] = field(default_factory=list)
    """What the service answered with success, in order."""


_current: ContextVar[Exchange | None] = ContextVar("tenuto_chat_exchange", default=None)


@contextmanager
def exchanging(exchange: Exchange) -> Iterator[None]:
    """Requests made inside the block belong to `exchange`."""
    token = _current.set(exchange)
    try:
        yield
    finally:
        _current.reset(token)


def current_exchange() -> Exchange | None:
    """The message this thread is sending, if any."""
    return _current.get()


class GuardedRequests:
    """What the services use of the module `requests`."""

    RequestException = requests.RequestException
    codes = requests.codes
    exceptions = requests.exceptions

    @staticmethod
    def request(method: str, url: str, **options: Any) -> requests.Response:
        """As `requests.request`; raises what `tenuto.activities.http.request` raises."""
        with requests.Session() as session:
            session.trust_env = False
            adapter = _GuardedAdapter()
            session.mount("https://", adapter)
            session.mount("http://", adapter)
            return session.request(method, url, **options)

    @classmethod
    def get(cls, url: str, **options: Any) -> requests.Response:
        """As `requests.get`."""
        return cls.request("GET", url, **options)

    @classmethod
    def post(cls, url: str, **options: Any) -> requests.Response:
        """As `requests.post`."""
        return cls.request("POST", url, **options)

    @classmethod
    def delete(cls, url: str, **options: Any) -> requests.Response:
        """As `requests.delete`."""
        return cls.request("DELETE", url, **options)


class _GuardedAdapter(BaseAdapter):
    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: Any = None,
        verify: bool | str = True,
        cert: Any = None,
        proxies: Mapping[str, str] | None = None,
    ) -> requests.Response:
        exchange = _current.get()
        url = request.url or ""
        _refuse_clear_text(url)
        try:
            answer = http.request(
                request.method or "GET",
                url,
                headers=_headers(request, exchange),
                body=_body(request.body),
                timeout=TIMEOUT,
                max_bytes=MAX_ANSWER_BYTES,
                max_redirects=0,
            )
        except TenutoError as failure:
            hide_paths(failure)
            raise
        if exchange is not None:
            exchange.answers.append(answer.body)
        return _response(request, answer)

    def close(self) -> None:
        """Nothing is kept open."""


def _refuse_clear_text(url: str) -> None:
    host = clear_text_host(url)
    if host is not None:
        raise UsageError(
            f"the chat message to {host} would be sent in the clear; use the service's scheme "
            "with TLS, for example mmosts:// (without is for loopback addresses only)",
            code="notify.chat-insecure",
        )


def _headers(request: requests.PreparedRequest, exchange: Exchange | None) -> dict[str, str]:
    headers = {
        name: value if isinstance(value, str) else value.decode("latin-1")
        for name, value in request.headers.items()
        if name.lower() not in _NOT_PASSED_ON
    }
    if exchange is not None:
        headers["Idempotency-Key"] = exchange.event_id
    return headers


def _body(body: Any) -> bytes | None:
    if body is None or isinstance(body, bytes):
        return body
    return str(body).encode() if isinstance(body, str) else b"".join(body)


def _response(request: requests.PreparedRequest, answer: http.HttpResponse) -> requests.Response:
    response = requests.Response()
    response.status_code = answer.status
    response.headers = CaseInsensitiveDict(
        (name, value) for name, value in answer.headers.items() if name != "content-encoding"
    )
    response.raw = BytesIO(answer.body)
    response.url = answer.url
    response.request = request
    return response
