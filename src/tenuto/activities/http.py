"""The one HTTP client of all activities: guarded, bounded, and with our errors.

It connects only where `tenuto.activities.http_guard` allows, reads no proxy or credentials
from the environment, and gives up at a deadline, at a size, and after a few redirects.
"""

import json
import logging
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any

import httpcore
import httpx

from tenuto import __version__
from tenuto.activities.http_answer import raise_for_status, read_body, shown
from tenuto.activities.http_guard import AllowedTargets, GuardedBackend, Resolver, resolve
from tenuto.activities.http_origins import Origins, current_origins
from tenuto.core.errors import DataError, TransientError, UnreachableError, UsageError

DEFAULT_TIMEOUT = timedelta(seconds=30)
"""For a whole exchange, redirects included."""
DEFAULT_MAX_BYTES = 64 * 1024 * 1024
"""Of a response body, after decompression."""


@dataclass(frozen=True)
class HttpResponse:
    """A complete answer, of a status that the caller takes: 200 to 299 unless it says otherwise."""

    status: int
    url: str
    """Where it came from in the end, after redirects."""
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes

    def json(self) -> Any:
        """The body as JSON. Raises DataError `http.not-json`."""
        try:
            return json.loads(self.body)
        except ValueError as exc:
            raise DataError(
                f"{self.url} did not answer with JSON ({exc}); check the address and what it "
                "serves",
                code="http.not-json",
            ) from exc


def is_success(status: int) -> bool:
    """Whether `status` is one of 200 to 299."""
    return 200 <= status < 300


def request(
    method: str,
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    body: bytes | None = None,
    timeout: timedelta = DEFAULT_TIMEOUT,
    max_bytes: int = DEFAULT_MAX_BYTES,
    max_redirects: int = 3,
    accepts: Callable[[int], bool] = is_success,
    allowed: AllowedTargets | None = None,
    resolver: Resolver = resolve,
) -> HttpResponse:
    """The answer to one HTTP request, if `accepts` takes its status.

    `allowed` defaults to the private targets in `TENUTO_HTTP_ALLOW`; where `TENUTO_HTTP_ORIGINS`
    sends the address's origin elsewhere, it goes there. Raises

    * UsageError: `http.url-invalid`, `http.request-invalid`, `http.address-refused`, and for
      settings of the worker `http.allow-invalid`, `http.origins-invalid`;
    * TransientError: `http.timeout`, `http.try-later` (408, 425, 429, 5xx; `retry_after_s` in
      the details when the server named it), `http.unknown-host`, `http.unreachable`,
      `http.broken-off`;
    * DataError: `http.refused` (any other 4xx), `http.redirected`, `http.too-many-redirects`,
      `http.response-too-large`, `http.encoding`.
    """
    target = _checked_url(url)
    transport = _GuardedTransport(
        GuardedBackend(
            AllowedTargets.from_environment() if allowed is None else allowed,
            resolver,
            deadline=time.monotonic() + timeout.total_seconds(),
        ),
        current_origins(),
    )
    with (
        _translated(target),
        httpx.Client(
            transport=transport,
            trust_env=False,
            follow_redirects=max_redirects > 0,
            max_redirects=max_redirects,
            timeout=timeout.total_seconds(),
            headers={"user-agent": f"tenuto/{__version__}", "accept-encoding": "gzip"},
        ) as client,
        client.stream(method, target, headers=headers, content=body) as answer,
    ):
        if not accepts(answer.status_code):
            raise_for_status(answer)
        return HttpResponse(
            status=answer.status_code,
            url=str(answer.url),
            headers=dict(answer.headers),
            body=read_body(answer, max_bytes),
        )


class _GuardedTransport(httpx.BaseTransport):
    """httpx on an httpcore pool of ours: the one place where both let us choose the backend."""

    def __init__(self, backend: GuardedBackend, origins: Origins) -> None:
        self._pool = httpcore.ConnectionPool(ssl_context=_tls(), network_backend=backend)
        self._origins = origins

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        url = request.url
        if url.scheme not in ("http", "https"):  # where a redirect may lead
            raise httpx.UnsupportedProtocol(f"{url.scheme!r} is not http or https")
        # Here, below redirects: each hop is looked up, and its `Host` stays as it was written.
        url = self._origins.target(url)
        answer = self._pool.handle_request(
            httpcore.Request(
                method=request.method,
                url=httpcore.URL(
                    scheme=url.raw_scheme,
                    host=url.raw_host,
                    port=url.port,
                    target=url.raw_path,
                ),
                headers=request.headers.raw,
                content=request.stream,
                extensions=request.extensions,
            )
        )
        return httpx.Response(
            answer.status, headers=answer.headers, stream=_Body(answer), request=request
        )

    def close(self) -> None:
        self._pool.close()


class _Body(httpx.SyncByteStream):
    def __init__(self, answer: httpcore.Response) -> None:
        self._answer = answer

    def __iter__(self) -> Iterator[bytes]:
        return self._answer.iter_stream()

    def close(self) -> None:
        self._answer.close()


class _WithoutQuery(logging.Filter):
    """httpx logs every URL in full, and queries carry keys and account numbers."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple):
            record.args = tuple(
                shown(each) if isinstance(each, httpx.URL) else each for each in record.args
            )
        return True


logging.getLogger("httpx").addFilter(_WithoutQuery())


@cache
def _tls() -> ssl.SSLContext:
    # `trust_env` reads SSL_CERT_FILE and SSL_CERT_DIR, nothing else: a firm's own authority.
    return httpx.create_ssl_context(trust_env=True)


def _checked_url(url: str) -> httpx.URL:
    try:
        target = httpx.URL(url)
    except httpx.InvalidURL as exc:
        raise UsageError(f"a URL cannot be read: {exc}", code="http.url-invalid") from exc
    if target.scheme not in ("http", "https") or not target.host:
        raise UsageError(
            f"the URL {shown(target)} is not http:// or https:// with a host",
            code="http.url-invalid",
        )
    if target.userinfo:
        raise UsageError(
            f"the URL {shown(target)} carries a user name or password, which would end up in "
            "logs and histories; give credentials as a secret:// reference",
            code="http.url-invalid",
        )
    return target


@contextmanager
def _translated(url: httpx.URL) -> Iterator[None]:
    """The one place where httpx's and httpcore's errors become ours."""
    where = shown(url)
    try:
        yield
    except (httpcore.TimeoutException, httpx.TimeoutException) as exc:
        raise TransientError(
            f"{where} did not answer in full in time ({type(exc).__name__}); it is tried "
            "again under the retry policy",
            code="http.timeout",
        ) from exc
    except httpcore.ConnectError as exc:
        raise UnreachableError(
            f"{where} cannot be connected to ({exc}); check that it is up and what its "
            "certificate says",
            code="http.unreachable",
        ) from exc
    except (httpcore.NetworkError, httpcore.RemoteProtocolError) as exc:
        raise TransientError(
            f"{where} broke off in the middle of the exchange ({exc})", code="http.broken-off"
        ) from exc
    except httpx.TooManyRedirects as exc:
        raise DataError(
            f"{where} redirects too often; use the address it leads to",
            code="http.too-many-redirects",
        ) from exc
    except (httpx.UnsupportedProtocol, httpx.RemoteProtocolError, httpx.InvalidURL) as exc:
        raise DataError(
            f"{where} redirects to what is no web address: {exc}", code="http.redirected"
        ) from exc
    except (httpcore.LocalProtocolError, UnicodeEncodeError) as exc:
        raise UsageError(
            f"the request to {where} cannot be written as HTTP ({type(exc).__name__}); header "
            "names and values are one line of ASCII",
            code="http.request-invalid",
        ) from exc
