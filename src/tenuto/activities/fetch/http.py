"""`fetch.http`: asks for page after page, stores each, and makes one dataset of them."""

import shutil
import tempfile
from pathlib import Path

import polars as pl

from tenuto.activities.fetch.columns import dtype_of, zones_known
from tenuto.activities.fetch.http_ask import Ask, ask_for
from tenuto.activities.fetch.http_next import (
    fingerprint,
    first_position,
    next_position,
    refuse_same_page,
)
from tenuto.activities.fetch.http_pace import Pace
from tenuto.activities.fetch.http_progress import (
    Progress,
    report,
    resumed,
    store_part,
    stored_parts,
)
from tenuto.activities.fetch.http_records import Page, read_page
from tenuto.activities.fetch.pieces import joined
from tenuto.activities.http import HttpResponse
from tenuto.artifacts.current import current_store
from tenuto.artifacts.store import ArtifactStore
from tenuto.catalog import implements
from tenuto.catalog.library.fetch.http import FetchHttpRequest, FetchHttpResult, fetch_http
from tenuto.core.errors import DataError
from tenuto.core.references import Dataset


@implements(fetch_http)
def fetch(request: FetchHttpRequest) -> FetchHttpResult:
    """Every record of every page, once, in the order of the pages.

    A later attempt goes on after the last page that an earlier one stored. Raises what
    `tenuto.activities.http.request` raises, and DataError for an answer that is not what was
    declared, or is more than was allowed.
    """
    zones_known(request.columns)
    store = current_store()
    progress = resumed() or Progress(position=first_position(request))
    pace = Pace(min_interval=request.min_interval, longest_wait=request.longest_wait)
    if request.as_document:
        return _document(request, store, pace, progress)
    while not progress.is_complete:
        progress = _one_more(request, store, pace, progress)
        report(progress)
    _refuse_never_seen(request, progress)
    return FetchHttpResult(
        dataset=_dataset(request, store, progress),
        pages=progress.pages,
        rows=progress.rows,
        bytes=progress.bytes,
    )


def _one_more(
    request: FetchHttpRequest, store: ArtifactStore, pace: Pace, progress: Progress
) -> Progress:
    """The progress after one more page, which is then in the store."""
    _refuse_too_many(request, progress)
    ask = ask_for(request, progress.position)
    answer = _send(request, ask, pace, progress)
    page = read_page(request, answer, ask.where, progress.rows)
    refuse_same_page(request, page, progress.last_page, ask)
    rows = progress.rows + page.rows
    size = progress.bytes + len(answer.body)
    _refuse_too_large(request, size, ask)
    following = next_position(request, ask, progress.position, page, rows)
    return Progress(
        is_complete=following is None,
        position=following,
        pages=progress.pages + 1,
        rows=rows,
        bytes=size,
        last_part=_stored(store, page, progress.last_part),
        last_page=fingerprint(page),
        seen=tuple(sorted({*progress.seen, *page.seen})) if request.columns else (),
    )


def _send(request: FetchHttpRequest, ask: Ask, pace: Pace, progress: Progress) -> HttpResponse:
    return pace.send(
        ask,
        timeout=request.timeout,
        max_bytes=request.max_page_bytes,
        beat=lambda what: report(progress, what),
    )


def _stored(store: ArtifactStore, page: Page, before: str | None) -> str | None:
    if page.rows == 0:
        return before
    return store_part(store, store.put_table(page.table, name="page of a fetch"), before)


def _dataset(request: FetchHttpRequest, store: ArtifactStore, progress: Progress) -> Dataset:
    """All parts as one table. Equal rows give equal bytes, however the pages were cut."""
    parts = stored_parts(store, progress.last_part)
    schema: dict[str, pl.DataType] = {each.name: dtype_of(each) for each in request.columns}
    if not schema:
        names = dict.fromkeys(column.name for part in parts for column in part.columns)
        schema = dict.fromkeys(names, pl.String())
    if not schema:
        raise DataError(
            "No record came, so nothing tells which columns the table has; declare `columns` if "
            "an empty answer is fine.",
            code="fetch.no-columns",
        )
    with tempfile.TemporaryDirectory(prefix="tenuto-fetch-") as folder:
        files = [_copied(store, part, Path(folder) / f"{n}") for n, part in enumerate(parts)]
        return store.put_table(joined(files, schema), name=request.name)


def _copied(store: ArtifactStore, part: Dataset, target: Path) -> Path:
    with store.local_path(part) as source:
        shutil.copyfile(source, target)
    return target


def _document(
    request: FetchHttpRequest, store: ArtifactStore, pace: Pace, progress: Progress
) -> FetchHttpResult:
    answer = _send(request, ask_for(request, None), pace, progress)
    kept = store.put_bytes(
        answer.body,
        name=request.name,
        media_type=answer.headers.get("content-type", "application/octet-stream"),
    )
    return FetchHttpResult(document=kept, pages=1, rows=0, bytes=len(answer.body))


def _refuse_too_many(request: FetchHttpRequest, progress: Progress) -> None:
    if progress.pages >= request.max_pages:
        raise DataError(
            f"There are more than {request.max_pages:,} pages ({progress.rows:,} records so far); "
            "ask for larger pages or fewer records, or raise `max_pages`.",
            code="fetch.too-many-pages",
            details={"pages": progress.pages, "rows": progress.rows},
        )


def _refuse_too_large(request: FetchHttpRequest, size: int, ask: Ask) -> None:
    if size > request.max_bytes:
        raise DataError(
            f"{ask.where} has answered with {size:,} bytes in all, and {request.max_bytes:,} are "
            "allowed; ask for fewer records, or raise `max_bytes`.",
            code="fetch.too-many-bytes",
            details={"bytes": size},
        )


def _refuse_never_seen(request: FetchHttpRequest, progress: Progress) -> None:
    expected = (each for each in request.columns if not each.may_be_absent)
    absent = [f"`{each.name}`" for each in expected if each.name not in progress.seen]
    if absent and progress.rows:
        raise DataError(
            f"None of the {progress.rows:,} records has {', '.join(absent)}; correct the column's "
            "`source`, the dotted path to it, or declare that it `may_be_absent`.",
            code="fetch.column-missing",
            details={"columns": absent},
        )
