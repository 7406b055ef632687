"""A provider of tests: what it finds is what an HTTP server says, and every question is counted.

`options.url` names the server, which answers `{answer, sources, met, state}`, or with an error.
"""

import json
from typing import Any

import httpx

from tenuto.catalog import implements
from tenuto.catalog.library.notify.receipts import DeliveryReceipt
from tenuto.core.errors import DataError, TransientError
from tenuto.packs.monitors import catalog
from tenuto.packs.monitors.events import PostEventRequest
from tenuto.packs.monitors.models import (
    CompareRequest,
    Comparison,
    Finding,
    Judgement,
    JudgeRequest,
    LookRequest,
    Source,
    Spent,
)

_UNAVAILABLE = 503


@implements(catalog.search)
def search(request: LookRequest) -> Finding:
    """What the server says now."""
    said = _ask(str(request.config.options["url"]))
    sources = tuple(Source(url=url) for url in said["sources"])
    return Finding(
        answer=said["answer"],
        sources=sources,
        provider="oracle",
        spent=Spent(calls=1),
        details={"met": said["met"], "state": said["state"]},
    )


@implements(catalog.judge)
def judge(request: JudgeRequest) -> Judgement:
    """What the server said of the condition."""
    details: Any = request.finding.details
    return Judgement(
        condition_met=details["met"], explanation="The server says so.", state=details["state"]
    )


@implements(catalog.compare)
def compare(request: CompareRequest) -> Comparison:
    """Whether the two states differ."""
    changed = request.before != request.after
    summary = "It moved." if changed else ""
    return Comparison(changed=changed, summary=summary, state=request.after, method="fields")


@implements(catalog.post_event)
def post_event(request: PostEventRequest) -> DeliveryReceipt:
    """Posts the event without a signature; 4xx is final, 5xx is tried again soon."""
    body = json.dumps({"id": request.idempotency_key, **request.model_dump(mode="json")})
    _accepted(httpx.post(request.url, content=body, timeout=60))
    return DeliveryReceipt(
        recipient="webhook", channel="webhook", outcome="delivered", detail="200", attempts=1
    )


def _ask(url: str) -> Any:
    return _accepted(httpx.get(url, timeout=60)).json()


def _accepted(answer: httpx.Response) -> httpx.Response:
    if answer.status_code == _UNAVAILABLE:
        raise TransientError(
            f"the server says {answer.status_code}",
            code="tests.busy",
            details={"retry_after_s": 0.3},
        )
    if not answer.is_success:
        raise DataError(f"the server says {answer.status_code}", code="tests.refused")
    return answer
