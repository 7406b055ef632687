"""Where the next page is, and whether there is one."""

import hashlib

import httpx

from tenuto.activities.fetch.http_ask import Ask, Position
from tenuto.activities.fetch.http_json import at_path, short_integer
from tenuto.activities.fetch.http_records import Page
from tenuto.catalog.library.fetch.http import FetchHttpRequest
from tenuto.catalog.library.fetch.http_pages import (
    Cursors,
    NextLinks,
    NumberedPages,
    Offsets,
    OnePage,
)
from tenuto.core.errors import DataError


def first_position(request: FetchHttpRequest) -> Position:
    """Where a fetch begins."""
    match request.pagination:
        case NumberedPages() as pages:
            return pages.first
        case Offsets():
            return 0
        case _:
            return None


def next_position(
    request: FetchHttpRequest, ask: Ask, position: Position, page: Page, rows: int
) -> Position:
    """Where the next page is; None after the last. `rows` counts this page's records as well.

    Raises DataError where the server contradicts itself, repeats itself, or leads elsewhere.
    """
    match request.pagination:
        case OnePage():
            return None
        case Cursors() as pages:
            return _different(_cursor(page, pages.next_path), position, ask)
        case NextLinks() as pages:
            here = ask.url if position is None else position
            return _different(_link(page, pages.next_path, ask), here, ask)
        case NumberedPages() as pages:
            return None if _is_last(pages, page, rows, ask) else _number(position) + 1
        case Offsets() as pages:
            return None if _is_last(pages, page, rows, ask) else _number(position) + page.rows


def fingerprint(page: Page) -> str:
    """Tells one answer from another; empty for an answer without records."""
    return hashlib.sha256(page.answer.body).hexdigest() if page.rows else ""


def refuse_same_page(request: FetchHttpRequest, page: Page, before: str, ask: Ask) -> None:
    """Nothing, or DataError `fetch.page-repeats` when the server ignores the page asked for."""
    is_counted = isinstance(request.pagination, NumberedPages | Offsets)
    if is_counted and before and fingerprint(page) == before:
        raise DataError(
            f"{ask.where} gave the same {page.rows} records for two pages in a row, so it does not "
            "know the parameter that turns the pages; correct `pagination`",
            code="fetch.page-repeats",
        )


def _is_last(pages: NumberedPages | Offsets, page: Page, rows: int, ask: Ask) -> bool:
    if pages.total_path is None:
        is_short = pages.ends_on_short_page and page.rows < (pages.size or 0)
        return page.rows == 0 or is_short
    total = _total(page, pages.total_path, ask)
    if rows > total or (rows < total and page.rows == 0):
        raise DataError(
            f"{ask.where} says there are {total:,} records and gave {rows:,}; the table changed "
            "while it was read, or `total_path` counts something else",
            code="fetch.total-differs",
            details={"stated": total, "received": rows},
        )
    return rows == total


def _total(page: Page, path: str, ask: Ask) -> int:
    try:
        total = short_integer(at_path(page.content, path))
    except KeyError:
        total = None
    if total is None:
        raise DataError(
            f"{ask.where} states no whole number at `{path}`; correct `total_path`",
            code="fetch.no-total",
        )
    return total


def _cursor(page: Page, path: str) -> Position:
    try:
        found = at_path(page.content, path)
    except KeyError:
        return None
    if found is None or found == "":
        return None
    number = short_integer(found)
    if number is not None:
        return number
    if isinstance(found, str):
        return str(found)
    raise DataError(
        f"{page.answer.url.partition('?')[0]} has {type(found).__name__} at `{path}`, expected a "
        "cursor, which is text or a number; correct `next_path`",
        code="fetch.not-a-cursor",
    )


def _link(page: Page, path: str | None, ask: Ask) -> Position:
    if path is None:
        headers = {"link": page.answer.headers.get("link", "")}
        link: Position = httpx.Response(200, headers=headers).links.get("next", {}).get("url")
    else:
        link = _cursor(page, path)
    if link is None:
        return None
    here = httpx.URL(page.answer.url)
    try:
        there = here.join(str(link)).copy_with(fragment=None)
    except httpx.InvalidURL as exc:
        raise DataError(
            f"{ask.where} names a next page that is no web address: {exc}",
            code="fetch.next-page-elsewhere",
        ) from exc
    if _origin(there) != _origin(here) or there.userinfo:
        raise DataError(
            f"{ask.where} names a next page on {there.scheme}://{there.host}, which is not where "
            "the first came from; it was not asked, so that no credentials go there. Fetch from "
            "the address that serves all pages",
            code="fetch.next-page-elsewhere",
        )
    return str(there)


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    port = url.port or {"http": 80, "https": 443}.get(url.scheme)
    return url.scheme, url.host, port


def _different(following: Position, current: Position, ask: Ask) -> Position:
    if following is not None and following == current:
        raise DataError(
            f"{ask.where} names the page it just gave as the next one, and would go on so for "
            "ever; correct `next_path`, or report it to who runs the server",
            code="fetch.page-repeats",
        )
    return following


def _number(position: Position) -> int:
    return position if isinstance(position, int) else 0
