"""A source of a project's own: orders by day, which waits and refuses where a test wants it to."""

import time
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import dlt

from tenuto.core.errors import DataError
from tenuto.packs.sync.cursor import cursor
from tenuto.packs.sync.models import Window

FIRST, LAST = date(2026, 1, 1), date(2026, 1, 5)


def orders(folder: str, token: str, window: Window | None = None) -> Any:
    """Two orders a day. A file `hold` makes it wait; a day's own file makes it refuse that day."""
    here = Path(folder)

    def rows(first: date, last: date) -> Iterator[list[dict[str, Any]]]:
        assert token
        while (here / "hold").exists():
            time.sleep(0.05)
        days = [FIRST + timedelta(days=each) for each in range((LAST - FIRST).days + 1)]
        for day in days:
            if not first <= day <= last:
                continue
            if (here / str(day)).exists():
                raise DataError(f"{day} is not closed yet", code="shop.not-closed")
            yield [{"id": f"{day}-{each}", "day": day, "amount": each} for each in (1, 2)]

    @dlt.resource(name="orders", write_disposition="merge", primary_key="id")
    def regular(since: Any = cursor("day")) -> Iterator[Any]:  # noqa: B008 (dlt looks there)
        yield from rows(since.last_value or FIRST, LAST)

    @dlt.resource(name="orders", write_disposition="merge", primary_key="id")
    def of_window() -> Iterator[Any]:
        assert window is not None
        yield from rows(window.start, window.end)

    @dlt.resource(name="shops", write_disposition="replace")
    def shops() -> Iterator[Any]:
        yield [{"name": "berlin"}]

    return [regular, shops] if window is None else [of_window]
