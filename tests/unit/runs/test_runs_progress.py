"""What a heartbeat says, as progress; and times and durations in words."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tenuto.engine.runs.findings import at, lasting
from tenuto.engine.runs.steps import Timeouts, progress_of

NOON = datetime(2026, 3, 31, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("details", "percent", "rows", "message"),
    [
        ({"done": 1, "total": 4}, 25.0, None, None),
        ({"percent": 12.5, "message": "pricing"}, 12.5, None, "pricing"),
        ({"rows": 1000}, None, 1000, None),
        ({"done": 0, "total": 0}, None, None, None),
        ({"done": 3, "total": None, "percent": "many"}, None, None, None),
    ],
)
def test_progress_is_read_from_the_first_detail(
    details: Any, percent: float | None, rows: int | None, message: str | None
) -> None:
    progress = progress_of(details, NOON)
    assert progress is not None
    assert (progress.percent, progress.rows, progress.message) == (percent, rows, message)
    assert progress.reported_at == NOON


@pytest.mark.parametrize("details", [None, 7, "half", [1, 2], {"cursor": "a"}, {}])
def test_details_that_tell_no_progress_give_none(details: Any) -> None:
    assert progress_of(details, NOON) is None


@pytest.mark.parametrize(
    ("period", "words"),
    [
        (timedelta(seconds=1), "1 s"),
        (timedelta(milliseconds=1500), "1.5 s"),
        (timedelta(minutes=10), "10 min"),
        (timedelta(seconds=90), "1 min 30 s"),
        (timedelta(hours=2, minutes=5, seconds=7), "2 h 5 min"),
    ],
)
def test_durations_read_as_words(period: timedelta, words: str) -> None:
    assert lasting(period) == words


def test_moments_read_as_utc() -> None:
    assert at(NOON) == "2026-03-31 12:00:00 UTC"


def test_a_timeout_is_found_by_the_name_the_engine_gives_it() -> None:
    limits = Timeouts(start_to_close=timedelta(seconds=9), heartbeat=timedelta(seconds=2))
    assert limits.named("start-to-close") == timedelta(seconds=9)
    assert limits.named("heartbeat") == timedelta(seconds=2)
    assert limits.named("schedule-to-close") is None
    assert limits.named(None) is None
