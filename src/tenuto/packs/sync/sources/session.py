"""The HTTP session that dlt's clients get: guarded, patient, and the only one who knows the keys.

dlt sees URLs and headers without credentials, so that none can get into its logs, traces, or
errors; they are put in below it, at the moment of sending.
"""

import base64
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import httpx
import requests
from pydantic import SecretStr
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict

from tenuto import __version__
from tenuto.activities.fetch.http_ask import Ask
from tenuto.activities.fetch.http_pace import Pace
from tenuto.activities.http import DEFAULT_MAX_BYTES, HttpResponse
from tenuto.activities.http_answer import shown
from tenuto.activities.in_the_clear import clear_text_host
from tenuto.core.errors import DataError, UsageError
from tenuto.packs.sync.sources.kinds import Access, Manners

_OURS = {"accept": "*/*", "accept-encoding": "gzip", "user-agent": f"tenuto/{__version__}"}


def open_session(
    base_url: str,
    manners: Manners,
    auth: Access | None,
    secrets: Mapping[str, SecretStr],
) -> requests.Session:
    """A session that sends requests to the origin of `base_url` and nowhere else.

    Its requests raise, as `tenuto.activities.http.request` does, TransientError `http.try-later`
    where a server stays busy for longer than `manners.patience`, and DataError `http.refused`;
    DataError `sync.other-origin` where a page links to another server. Raises UsageError
    `sync.key-in-the-clear` where a key would cross a network unencrypted, and
    `sync.secret-unusable`.
    """
    host = clear_text_host(base_url)
    if auth is not None and host is not None:
        raise UsageError(
            f"the key of {host} would cross the network unencrypted; write https:// in its URL",
            code="sync.key-in-the-clear",
        )
    session = requests.Session()
    session.trust_env = False
    session.headers = CaseInsensitiveDict(_OURS)
    session.adapters.clear()
    adapter = _Guarded(_origin(base_url), manners, _shown_key(auth, secrets))
    session.mount("http://", adapter)
    session.mount("https://", adapter)
    return session


class _Guarded(BaseAdapter):
    """Hands each request to the one HTTP client of all activities."""

    def __init__(
        self, origin: str, manners: Manners, key: tuple[dict[str, str], dict[str, str]]
    ) -> None:
        super().__init__()
        self._origin = origin
        self._headers, self._parameters = key
        self._timeout = manners.timeout
        self._pace = Pace(min_interval=manners.pause, longest_wait=manners.patience)

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: Any = None,
        verify: Any = True,
        cert: Any = None,
        proxies: Any = None,
    ) -> requests.Response:
        url = str(request.url)
        if _origin(url) != self._origin:
            raise DataError(
                f"{self._origin} links to a page of another server, {shown(httpx.URL(url))}, which"
                " would be sent this one's key; if pages are really there, make it the base URL",
                code="sync.other-origin",
            )
        answer = self._pace.send(
            Ask(
                method=str(request.method),
                url=str(httpx.URL(url).copy_merge_params(self._parameters))
                if self._parameters
                else url,
                headers={**_lower(request.headers), **self._headers},
                body=_body(request.body),
                may_redirect=False,
            ),
            timeout=self._timeout,
            max_bytes=DEFAULT_MAX_BYTES,
            beat=lambda _: None,
        )
        return _response(request, answer)

    def close(self) -> None:
        """Nothing stays open between requests."""


def _response(request: requests.PreparedRequest, answer: HttpResponse) -> requests.Response:
    response = requests.Response()
    response.status_code = answer.status
    response.headers = CaseInsensitiveDict(answer.headers)
    response.url = str(request.url)
    response.request = request
    response.encoding = requests.utils.get_encoding_from_headers(response.headers) or "utf-8"
    response.elapsed = timedelta(0)
    response._content = answer.body
    response._content_consumed = True
    return response


def _shown_key(
    auth: Access | None, secrets: Mapping[str, SecretStr]
) -> tuple[dict[str, str], dict[str, str]]:
    """What goes into headers, and what into the query."""
    if auth is None:
        return {}, {}
    if auth.secret not in secrets:
        raise UsageError(
            f"`auth.secret` names `{auth.secret}`, which is not among the source's `secrets`",
            code="sync.secret-unknown",
        )
    value = secrets[auth.secret].get_secret_value()
    if not value.isascii() or not value.isprintable() or value != value.strip():
        raise UsageError(
            f"the secret `{auth.secret}` holds a character that cannot stand in a header (not"
            " shown here), perhaps a line end; set it again, in ASCII and on one line",
            code="sync.secret-unusable",
        )
    match auth.kind:
        case "bearer":
            return {"authorization": f"Bearer {value}"}, {}
        case "basic":
            pair = base64.b64encode(f"{auth.user}:{value}".encode()).decode()
            return {"authorization": f"Basic {pair}"}, {}
        case "header":
            return {auth.name.lower(): value}, {}
        case "query":
            return {}, {auth.name: value}


def _origin(url: str) -> str:
    parts = urlsplit(url)
    port = parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    return f"{parts.scheme}://{parts.hostname}:{port}"


def _lower(headers: Mapping[str, Any]) -> dict[str, str]:
    kept = {str(name).lower(): value for name, value in headers.items()}
    kept.pop("content-length", None)  # httpx counts for itself
    return {
        name: value.decode("latin-1") if isinstance(value, bytes) else str(value)
        for name, value in kept.items()
    }


def _body(body: Any) -> bytes | None:
    if body is None or isinstance(body, bytes):
        return body
    return str(body).encode()
