"""The pages that an answer stands on, at their own addresses."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from tenuto.activities import http
from tenuto.core.errors import TenutoError, TransientError
from tenuto.packs.monitors.models import Source

if TYPE_CHECKING:
    from pydantic_ai.messages import ModelResponse

MOST = 20
_LONGEST_URL = 4_000
_LONGEST_TITLE = 300
_LONGEST_SNIPPET = 500
_MOST_HOPS = 4
_WITHIN = timedelta(seconds=5)
_AT_ONCE = 8
_REDIRECTORS = frozenset({"vertexaisearch.cloud.google.com"})
"""Hosts whose addresses are never those of a page."""

NOT_RESOLVED = "Its address is a redirect that could not be followed."


@dataclass(frozen=True)
class Resolved:
    """Where an address leads."""

    url: str
    problem: str = ""
    """Why the address is still that of a redirect; empty where it is not."""


def sources_of(response: "ModelResponse") -> tuple[Source, ...]:
    """The web pages of the answer, each once, redirects followed; at most twenty.

    What it cites; where it cites nothing, the pages that Google says it is grounded on.
    """
    named = {source.url: source for source in reversed([*_cited(response), *_grounding(response)])}
    first = [*reversed(named.values())][:MOST]
    with ThreadPoolExecutor(_AT_ONCE) as threads:
        resolved = list(threads.map(_resolved, first))
    return tuple({source.url: source for source in resolved}.values())


def is_redirect(url: str) -> bool:
    """Whether the address belongs to a service that only redirects."""
    return (urlsplit(url).hostname or "") in _REDIRECTORS


def resolve(url: str) -> Resolved:
    """Where `url` leads: one request for each hop, under the guard, without reading any page.

    A hop to an address that is not public is refused, and `url` stays as it is.
    """
    reached = url
    for _ in range(_MOST_HOPS):
        try:
            answer = http.request(
                "HEAD", reached, timeout=_WITHIN, max_redirects=0, accepts=lambda _: True
            )
        except TransientError as failed:
            # The page itself is away, and its address is known all the same.
            return Resolved(url, failed.message) if is_redirect(reached) else Resolved(reached)
        except TenutoError as refused:
            return Resolved(url, refused.message)
        location = answer.headers.get("location", "")
        if not (300 <= answer.status < 400 and location):
            return Resolved(url, "it leads nowhere") if is_redirect(reached) else Resolved(reached)
        reached = urljoin(reached, location)
        if not _is_web(reached):
            return Resolved(url, "it leads to what is no web page")
    return Resolved(url, f"it redirects more than {_MOST_HOPS} times")


def _resolved(source: Source) -> Source:
    if not is_redirect(source.url):
        return source
    found = resolve(source.url)
    if found.problem:
        return source.model_copy(update={"snippet": source.snippet or NOT_RESOLVED})
    return source.model_copy(update={"url": found.url})


def _cited(response: "ModelResponse") -> Iterator[Source]:
    from pydantic_ai.messages import TextPart, WebCitationSource

    for part in response.parts:
        for citation in (part.citations or ()) if isinstance(part, TextPart) else ():
            for source in citation.sources:
                if isinstance(source, WebCitationSource) and _is_web(source.url):
                    yield _source(source.url, source.title, " ".join(source.excerpts))


def _grounding(response: "ModelResponse") -> Iterator[Source]:
    """Google's grounding chunks: it sends them also where no sentence is tied to one of them."""
    from pydantic_ai.messages import NativeToolReturnPart

    if response.provider_name != "google":
        return
    for part in response.parts:
        content = part.content if isinstance(part, NativeToolReturnPart) else None
        for each in content if isinstance(content, list) else ():
            url = each.get("uri") if isinstance(each, dict) else None
            if isinstance(url, str) and _is_web(url):
                yield _source(url, each.get("title"), "")


def _source(url: str, title: object, snippet: str) -> Source:
    return Source(
        url=url,
        title=_line(title)[:_LONGEST_TITLE],
        snippet=_line(snippet)[:_LONGEST_SNIPPET],
    )


def _line(text: object) -> str:
    return " ".join(text.split()) if isinstance(text, str) else ""


def _is_web(url: str) -> bool:
    if len(url) > _LONGEST_URL:
        return False
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and not parts.username
