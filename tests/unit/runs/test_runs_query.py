"""Visibility queries: what a person types never becomes query language."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenuto.core.errors import UsageError
from tenuto.engine.runs.query import RunFilter, is_allowed_value, visibility_query
from tenuto.engine.runs.status import RunStatus

ATTACKS = (
    "x' OR TenutoSubject='other",
    'a\\\' OR StartTime > "2000-01-01T00:00:00Z" -- ',
    'x" OR WorkflowId = "y',
    "x -- comment",
    "x;y",
    "",
    " x",
    "x\n",
    "%",
    "-x",
    "x" * 129,
    "schöne-grüße",
)


def test_no_filter_is_an_empty_query() -> None:
    assert visibility_query(RunFilter()) == ""


def test_every_filter_is_one_term() -> None:
    wanted = RunFilter(
        type_name="DailyNav",
        entry="daily-nav",
        status=RunStatus.TIMED_OUT,
        subject="F1",
        business_date=date(2026, 3, 31),
        started_after=datetime(2026, 3, 31, 18, 30, tzinfo=timezone(timedelta(hours=2))),
        workflow_id_prefix="nav/F1/",
    )
    assert visibility_query(wanted).split(" AND ") == [
        "WorkflowType = 'DailyNav'",
        "TenutoEntry = 'daily-nav'",
        "ExecutionStatus = 'TimedOut'",
        "TenutoSubject = 'F1'",
        "TenutoBusinessDate = '2026-03-31'",
        "WorkflowId STARTS_WITH 'nav/F1/'",
        "StartTime > '2026-03-31T16:30:00+00:00'",
    ]


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize(
    "key", ["type_name", "entry", "subject", "workflow_id", "workflow_id_prefix", "run_id"]
)
def test_a_value_that_could_be_query_language_is_refused(key: str, attack: str) -> None:
    with pytest.raises(UsageError) as refused:
        visibility_query(RunFilter.model_validate({key: attack}))
    assert refused.value.code == "runs.filter-value"


@given(st.text(max_size=140))
def test_an_allowed_value_holds_no_quote_space_or_backslash(text: str) -> None:
    if is_allowed_value(text):
        assert text.isascii()
        assert text == text.strip()
        assert not set(text) & set("'\"\\;()%= \t\n")
        assert visibility_query(RunFilter(subject=text)) == f"TenutoSubject = '{text}'"


def test_every_status_survives_the_way_to_visibility_and_back() -> None:
    for status in RunStatus:
        assert RunStatus.from_search_name(status.search_name) is status


def test_paused_is_a_status_although_the_sdk_has_none() -> None:
    assert RunStatus.from_raw(8) is RunStatus.PAUSED  # type: ignore[arg-type]
    assert RunStatus.PAUSED.is_open


def test_started_after_is_asked_in_utc() -> None:
    wanted = RunFilter(started_after=datetime(2026, 1, 1, tzinfo=UTC))
    assert visibility_query(wanted) == "StartTime > '2026-01-01T00:00:00+00:00'"
