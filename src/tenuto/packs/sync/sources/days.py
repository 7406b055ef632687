"""Which days of a report are asked for: they begin and end in the report's own time zone."""

import json
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import requests

from tenuto.core.errors import DataError
from tenuto.packs.sync.models import Window
from tenuto.packs.sync.sources.kinds import EverflowConfig, RedtrackConfig, Report

if TYPE_CHECKING:
    from dlt.sources import DltSource

    from tenuto.packs.sync.port import Opening

DAY = "report_date"
"""The column of each row's day."""


def today_in(zone: str) -> date:
    """The day it is there now."""
    # Runs in the process that loads, never in a workflow.
    return datetime.now(ZoneInfo(zone)).date()  # noqa: TID251


def daily_source(
    wanted: "Opening",
    config: EverflowConfig | RedtrackConfig,
    key: Sequence[str],
    read_day: Callable[[date], Iterator[list[dict[str, Any]]]],
) -> "DltSource":
    """A source of one resource: what `read_day` gives for each day that is asked for, merged by
    the day and `key`."""
    import dlt

    # dlt finds a cursor by the default of a parameter.
    def rows(since: Any = day_cursor(config, wanted.window)) -> Iterator[list[dict[str, Any]]]:  # noqa: B008
        for day in days_to_ask(config, since, wanted.window):
            yield from read_day(day)

    made = dlt.resource(
        rows,
        name=config.resource,
        primary_key=[DAY, *key],
        write_disposition="merge",
        max_table_nesting=0,
    )
    source: DltSource = dlt.source(lambda: [made()], name=wanted.name)()
    return source


def day_cursor(config: Report, window: Window | None) -> Any:
    """The cursor over the report's days; None for a backfill, which keeps none."""
    from tenuto.packs.sync.cursor import cursor

    if window is not None:
        return None
    return cursor(DAY, start=config.initial, lag=config.again)


def days_to_ask(config: Report, since: Any, window: Window | None) -> Iterator[date]:
    """From where the cursor stands to today, or the days of the window; the first one first."""
    if window is not None:
        first, last = window.start, min(window.end, today_in(config.time_zone))
    else:
        first, last = since.last_value or config.initial, today_in(config.time_zone)
    for number in range((last - first).days + 1):
        yield first + timedelta(days=number)


def local_day(value: Any, zone: str) -> str:
    """The ISO date of a day that an API gives as seconds since 1970, or as a date.

    Midnight in `zone` is the day before in UTC, east of Greenwich. Raises DataError
    `sync.not-a-day`.
    """
    text = str(value).strip()
    if text.lstrip("-").isdigit() and len(text) > 8:
        return datetime.fromtimestamp(int(text), ZoneInfo(zone)).date().isoformat()
    try:
        return date.fromisoformat(text[:10]).isoformat()
    except ValueError as error:
        raise DataError(
            f"{text[:40]!r} is no day; expected seconds since 1970 or an ISO date.",
            code="sync.not-a-day",
        ) from error


def json_of(answer: requests.Response, where: str) -> Any:
    """The answer's JSON, its numbers exact. Raises DataError `sync.not-json`."""
    try:
        return json.loads(answer.content, parse_float=Decimal)
    except ValueError as error:
        raise DataError(
            f"{where} did not answer with JSON ({error}); check `base_url` and `path`.",
            code="sync.not-json",
        ) from error
