"""APIs as other people run them: pages, busy answers, and filters that do not filter."""

import json
from collections import Counter
from collections.abc import Callable, Iterable
from urllib.parse import parse_qs, urlsplit

from tenuto.testing.loopback import Answer, Received

JSON = {"content-type": "application/json"}


def answer(value: object, **headers: str) -> Answer:
    """A JSON answer."""
    return Answer(headers={**JSON, **headers}, body=json.dumps(value).encode())


def query_of(request: Received) -> dict[str, str]:
    """The query's first values."""
    return {name: found[0] for name, found in parse_qs(urlsplit(request.path).query).items()}


def busy_first(
    times: int,
    respond: Callable[[Received], Answer],
    headers: dict[str, str] | None = None,
    *,
    status: int = 429,
) -> Callable[[Received], Answer]:
    """`respond`, after `times` refusals of each request; a negative number refuses for ever."""
    asked: Counter[tuple[str, bytes]] = Counter()

    def answered(request: Received) -> Answer:
        key = (request.path, request.body)
        asked[key] += 1
        if times < 0 or asked[key] <= times:
            return Answer(status=status, headers=headers or {}, body=b"{}")
        return respond(request)

    return answered


def pages_of(rows: list[dict[str, object]], size: int) -> Callable[[Received], Answer]:
    """`?page=N` of `{"data": [...], "next_page": N+1 or null}`."""

    def respond(request: Received) -> Answer:
        page = int(query_of(request).get("page", "1"))
        start = (page - 1) * size
        return answer({"data": rows[start : start + size], "total": len(rows)})

    return respond


def entity_table(
    by_day: dict[str, int], *, leaks: Iterable[dict[str, object]] = ()
) -> Callable[[Received], Answer]:
    """Everflow's entity table with so many rows per day; `leaks` come although filtered out."""

    def respond(request: Received) -> Answer:
        asked = json.loads(request.body)
        count = by_day.get(asked["from"], 0)
        more = list(leaks) if count else []
        page, limit = asked["query"]["page"], asked["query"]["limit"]
        part = [_entity(number) for number in range(count)[(page - 1) * limit : page * limit]]
        part += more if len(part) < limit else []
        return answer({"table": part, "paging": {"page": page, "total_count": count + len(more)}})

    return respond


def _entity(number: int) -> dict[str, object]:
    return {
        "columns": [
            {"column_type": "offer", "id": str(number), "label": f"Offer {number}"},
            {"column_type": "affiliate", "id": "7", "label": "Seven"},
        ],
        "reporting": {"cv": 0 if number % 2 else 3, "payout": 5 if number % 3 else 5.5},
    }
