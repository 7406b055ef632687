"""What is sent for one page: URL, headers, and body, with the credentials put in last."""

import base64
import json
from dataclasses import dataclass
from typing import Any

import httpx

from tenuto.activities.http_answer import shown
from tenuto.activities.secrets import resolve_secret
from tenuto.catalog.library.fetch.http import FetchHttpRequest
from tenuto.catalog.library.fetch.http_auth import BasicPassword, BearerToken
from tenuto.catalog.library.fetch.http_pages import (
    Cursors,
    NextLinks,
    NumberedPages,
    Offsets,
    OnePage,
)
from tenuto.core.errors import UsageError

Position = int | str | None
"""Where a fetch is: the number of the next page, the next offset, cursor, or URL. None stands for
the first request of a style that has no position to name yet."""


@dataclass(frozen=True)
class Ask:
    """One request, complete."""

    method: str
    url: str
    headers: dict[str, str]
    body: bytes | None
    may_redirect: bool

    @property
    def where(self) -> str:
        """The address for a message, without what may be secret."""
        return shown(httpx.URL(self.url))


def ask_for(request: FetchHttpRequest, position: Position) -> Ask:
    """The request for the page at `position`.

    Raises UsageError `http.url-invalid`, `fetch.secret-unusable`, and as `resolve_secret` does.
    """
    parameters, place = _page_parameters(request, position)
    body = request.body
    if place == "body":
        body = _with_parameters(request.body, parameters)
    headers = {"accept": _accepted(request)}
    headers |= {name.lower(): value for name, value in request.headers.items()}
    if body is not None:
        headers.setdefault("content-type", "application/json")
    return Ask(
        method=request.method,
        url=_url(request, position, parameters if place == "query" else {}),
        headers=headers | _credentials(request),
        body=None if body is None else json.dumps(body, ensure_ascii=False).encode(),
        may_redirect=request.method == "GET" and request.auth is None,
    )


def _accepted(request: FetchHttpRequest) -> str:
    if request.as_document:
        return "*/*"
    return "text/csv" if request.format == "csv" else "application/json"


def _page_parameters(
    request: FetchHttpRequest, position: Position
) -> tuple[dict[str, int | str], str]:
    match request.pagination:
        case OnePage() | NextLinks():
            return {}, "query"
        case Cursors() as pages:
            return ({} if position is None else {pages.parameter: position}), pages.place
        case NumberedPages() | Offsets() as pages:
            found: dict[str, int | str] = {pages.parameter: 0 if position is None else position}
            if pages.size_parameter is not None and pages.size is not None:
                found[pages.size_parameter] = pages.size
            return found, pages.place


def _url(request: FetchHttpRequest, position: Position, parameters: dict[str, int | str]) -> str:
    if isinstance(request.pagination, NextLinks) and position is not None:
        return str(position)
    try:
        url = httpx.URL(request.url).copy_with(fragment=None)
    except httpx.InvalidURL as exc:
        raise UsageError(f"a URL cannot be read: {exc}", code="http.url-invalid") from exc
    return (
        str(url.copy_merge_params({**request.params, **parameters}))
        if (request.params or parameters)
        else str(url)
    )


def _with_parameters(body: Any, parameters: dict[str, int | str]) -> Any:
    """A copy of `body` with each parameter at its dotted path."""
    whole = json.loads(json.dumps(body))
    for path, value in parameters.items():
        *parents, last = path.split(".")
        target = whole
        for parent in parents:
            target = target.setdefault(parent, {})
            if not isinstance(target, dict):
                raise UsageError(
                    f"`{path}` cannot be put into the request's body: `{parent}` is not an object "
                    "there; correct the pagination's parameter",
                    code="fetch.body-path",
                )
        target[last] = value
    return whole


def _credentials(request: FetchHttpRequest) -> dict[str, str]:
    if request.auth is None:
        return {}
    secret = resolve_secret(request.auth.secret).get_secret_value()
    if not secret.isascii() or not secret.isprintable() or secret != secret.strip():
        raise UsageError(
            f"{request.auth.secret} holds a character that cannot stand in a header (not shown "
            "here), perhaps a line end; set it again, in ASCII and on one line",
            code="fetch.secret-unusable",
        )
    match request.auth:
        case BearerToken():
            return {"authorization": f"Bearer {secret}"}
        case BasicPassword(user=user):
            pair = base64.b64encode(f"{user}:{secret}".encode()).decode()
            return {"authorization": f"Basic {pair}"}
        case key:
            return {key.name.lower(): secret}
