"""One request and its answer: logged in, redirected with care, sent at most once if it must be."""

from dataclasses import dataclass, replace

import httpx

from tenuto.activities import http
from tenuto.activities.definitions.asks import Ask, Deadline
from tenuto.activities.definitions.login import logged_in
from tenuto.activities.definitions.masks import Masks
from tenuto.activities.definitions.repeats import KEY, sent_at_most_once, step_key
from tenuto.activities.http import HttpResponse
from tenuto.activities.http_origins import origin_of
from tenuto.catalog.library.definitions.authentication import Authentication
from tenuto.core.errors import DataError

MAX_BYTES = 4 * 1024 * 1024
"""Of one answer: it becomes part of a run's history. Tables are fetched with `fetch.http`."""
_MAX_REDIRECTS = 3
_REDIRECTS = (301, 302, 303, 307, 308)
_HARMLESS = ("accept", "user-agent")
"""Headers that follow a redirect to another origin."""


@dataclass(frozen=True)
class Exchanged:
    """What was sent in the end, and what came back."""

    ask: Ask
    """With every header but those of the client itself."""
    answer: HttpResponse


def exchange(
    ask: Ask,
    authentication: Authentication | None,
    masks: Masks,
    *,
    deadline: Deadline | None = None,
    max_bytes: int = MAX_BYTES,
) -> Exchanged:
    """The answer to `ask`, if its status is a success.

    Raises what `http.request`, `logged_in`, and `sent_at_most_once` raise, the messages without
    secrets.
    """
    deadline = deadline or Deadline()
    keyed = _with_key(ask)
    sent: list[Ask] = []

    def send(more: dict[str, str], takes_401: bool) -> HttpResponse:
        sent.append(replace(keyed, headers=keyed.headers | more))
        with sent_at_most_once(ask):
            return _followed(sent[-1], takes_401, deadline, max_bytes)

    answer = logged_in(authentication, keyed, deadline, masks, send)
    return Exchanged(sent[-1], answer)


def _with_key(ask: Ask) -> Ask:
    if ask.is_repeatable or KEY in ask.headers:
        return ask
    return replace(ask, headers=ask.headers | {KEY: step_key()})


def _followed(ask: Ask, takes_401: bool, deadline: Deadline, max_bytes: int) -> HttpResponse:
    for _ in range(_MAX_REDIRECTS + 1):
        answer = _request(ask, takes_401, deadline, max_bytes)
        if not _leads_on(ask, answer):
            return answer
        ask = _redirected(ask, answer)
    raise DataError(
        f"{ask.where} redirects too often; use the address it leads to",
        code="http.too-many-redirects",
    )


def _leads_on(ask: Ask, answer: HttpResponse) -> bool:
    is_redirect = answer.status in _REDIRECTS and "location" in answer.headers
    return ask.follows and ask.method in ("GET", "HEAD") and is_redirect


def _redirected(ask: Ask, answer: HttpResponse) -> Ask:
    try:
        url = ask.url.join(answer.headers["location"]).copy_with(fragment=None)
    except httpx.InvalidURL as exc:
        raise DataError(
            f"{ask.where} redirects to what is no web address: {exc}", code="http.redirected"
        ) from exc
    if origin_of(url) == origin_of(ask.url):
        return replace(ask, url=url)
    harmless = {name: value for name, value in ask.headers.items() if name in _HARMLESS}
    return replace(ask, url=url, headers=harmless, body=None)


def _request(ask: Ask, takes_401: bool, deadline: Deadline, max_bytes: int) -> HttpResponse:
    def accepts(status: int) -> bool:
        is_fine = 200 <= status < (400 if ask.follows else 300)
        return is_fine or (takes_401 and status == 401)

    return http.request(
        ask.method,
        str(ask.url),
        headers=ask.headers,
        body=ask.body,
        timeout=deadline.left(),
        max_bytes=max_bytes,
        max_redirects=0,
        accepts=accepts,
    )
