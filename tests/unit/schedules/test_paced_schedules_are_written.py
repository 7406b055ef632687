"""`next_run` in a file, and which moment a result means."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tenuto.triggers.schedules.file import Read, read_schedules
from tenuto.triggers.schedules.findings import has_errors
from tenuto.triggers.schedules.flat import written
from tenuto.triggers.schedules.pacing.models import PaceStep
from tenuto.triggers.schedules.pacing.moments import choose
from tenuto.triggers.schedules.pacing.path import value_at

ENDED = datetime(2026, 6, 1, 12, tzinfo=UTC)
PACE = "next_run: {from: plan.next, at_least: 5 minutes, at_most: 1 day}"


def read(said: str) -> Read:
    return read_schedules(f"schedules:\n  a: {{run: saying, {said}}}\n", "schedules.yaml")


def test_it_falls_back_on_at_most_and_is_written_as_it_is_read() -> None:
    (found,) = read(PACE).starts
    assert found.start.when.every == timedelta(days=1)
    again = read_schedules("schedules:\n" + _indented(written(found.start)), "again.yaml")
    assert [each.start for each in again.starts] == [found.start]


def _indented(text: str) -> str:
    return "".join(f"  {line}\n" for line in text.splitlines())


@pytest.mark.parametrize(
    "said",
    [
        f"{PACE}, cron: '0 9 * * *'",
        f"{PACE}, every: 6 hours",
        f"{PACE}, offset: 5 minutes",
        "next_run: {from: plan.next, at_least: 2 days, at_most: 1 day}",
        "next_run: {from: plan.next, at_least: 1 s, at_most: 1 day}",
        "next_run: {from: plan.next}",
        "next_run: {from: '', at_most: 1 day}",
        "next_run: {form: plan.next, at_most: 1 day}",
        "next_run: soon",
    ],
)
def test_what_does_not_fit_is_found(said: str) -> None:
    found = read(said)
    assert has_errors(found.findings)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("plan.next", "PT1H"),
        ("dates.1", "b"),
        ("dates.2", None),
        ("dates.x", None),
        ("plan.other", None),
        ("plan.next.more", None),
        ("", None),
    ],
)
def test_a_path_leads_to_a_member_or_nowhere(path: str, expected: Any) -> None:
    assert value_at({"plan": {"next": "PT1H"}, "dates": ["a", "b"]}, path) == expected


@pytest.mark.parametrize(
    ("value", "now_s", "expected_s"),
    [
        ("2 hours", 1, 7200),
        ("PT90M", 1, 5400),
        ("2026-06-01T17:00:00+02:00", 1, 10800),
        ("1 minute", 1, 300),  # not before at_least
        ("3 days", 1, 86400),  # not after at_most
        ("2 hours", 9000, 9000 + 300),  # it has passed while the worker was away
        ("2 hours", 200_000, 200_000 + 300),
        (None, 1, 86400),
    ],
)
def test_the_moment_is_what_the_result_says_within_its_bounds(
    value: Any, now_s: int, expected_s: int
) -> None:
    step = PaceStep(
        schedule_id="a", path="next", value=value, ended_at=ENDED, at_least_s=300, at_most_s=86400
    )
    now = ENDED + timedelta(seconds=now_s)
    found = choose(step, now).at
    assert found == ENDED + timedelta(seconds=expected_s)
    assert now < found < now + timedelta(days=1), "an interval of a day falls on it first"
