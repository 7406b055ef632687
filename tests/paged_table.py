"""A table behind HTTP, handed out page by page in whichever style a test asks for."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tenuto.testing.loopback import Answer, Received

Respond = Callable[[Received], Answer]


def records(count: int, first: int = 0) -> list[dict[str, Any]]:
    """Rows with an id of their own and a price whose digits a float would lose."""
    return [{"id": n, "price": f"PRICE{n}.10000000000000000001"} for n in range(first, count)]


def body(value: Any) -> bytes:
    """JSON in which every `PRICE` text is a bare number."""
    return json.dumps(value).replace('"PRICE', "").replace('0001"', "0001").encode()


def asked(request: Received) -> dict[str, str]:
    """The query parameters of a request."""
    return {name: values[0] for name, values in parse_qs(urlsplit(request.path).query).items()}


def by_number(rows: list[dict[str, Any]], *, most: int) -> Respond:
    """`?page=1&size=n`; never more than `most` rows, whatever size is asked for."""

    def respond(request: Received) -> Answer:
        sent = json.loads(request.body)["query"] if request.body else asked(request)
        size = min(int(sent.get("size", most)), most)
        start = (int(sent["page"]) - 1) * size
        page = {"data": {"items": rows[start : start + size], "total": len(rows)}}
        return Answer(body=body(page))

    return respond


def by_offset(rows: list[dict[str, Any]], *, most: int) -> Respond:
    """`?offset=0&limit=n`, answered with a bare list of at most `most` rows."""

    def respond(request: Received) -> Answer:
        start, limit = int(asked(request)["offset"]), int(asked(request).get("limit", most))
        return Answer(body=body(rows[start : start + min(limit, most)]))

    return respond


def by_cursor(rows: list[dict[str, Any]], *, most: int) -> Respond:
    """`?cursor=c<n>`; the answer names the next cursor, null at the end."""

    def respond(request: Received) -> Answer:
        start = int(asked(request).get("cursor", "c0")[1:])
        end = start + most
        following = f"c{end}" if end < len(rows) else None
        return Answer(body=body({"rows": rows[start:end], "meta": {"next": following}}))

    return respond


def by_link(rows: list[dict[str, Any]], *, most: int, in_body: bool = False) -> Respond:
    """Each answer links to the next: in the `Link` header, or as `next` in the body."""

    def respond(request: Received) -> Answer:
        start = int(asked(request).get("from", "0"))
        end = start + most
        link = f"/table?from={end}" if end < len(rows) else None
        if in_body:
            return Answer(body=body({"rows": rows[start:end], "next": link}))
        header = {"link": f'</table?from=0>; rel="first", <{link}>; rel="next"'} if link else {}
        return Answer(headers=header, body=body({"rows": rows[start:end]}))

    return respond
