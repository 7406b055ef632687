"""Queries for tasks: what a person types, or is called, never becomes query language."""

from datetime import datetime, timedelta, timezone
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from tenuto.catalog.library.tasks.outcome import State
from tenuto.core.errors import UsageError
from tenuto.engine.runs.query import is_allowed_value
from tenuto.engine.runs.task_query import TaskFilter, task_query

INJECTIONS = (
    "x' OR TenutoAssignee='u:bob",
    'a\\\' OR StartTime > "2000-01-01T00:00:00Z" -- ',
    'x" OR WorkflowId = "y',
    "') OR ('1'='1",
    "u:ann') OR TenutoState IN ('open",
    "x -- comment",
    "x;y",
    "x/*",
    "",
    " x",
    "x\n",
    "x\x00",
    "%",
    "_",
    "-x",
    "'",
    "\\",
    "x" * 129,
    "u:größe",
    "u:ann lee",
)
TYPED = ("assignee", "candidate", "subject", "root")
OPEN = "(ExecutionStatus IN ('Running', 'Paused') AND TenutoState IN ('claimed', 'open'))"


def test_every_filter_is_one_term() -> None:
    wanted = TaskFilter(
        words=("u:ann", "g:risk"),
        assignee="u:ann",
        candidate="g:risk",
        due_before=datetime(2026, 3, 31, 18, 30, tzinfo=timezone(timedelta(hours=2))),
        priority=3,
        subject="F1",
        kind="nav.sign-off",
        root="nav/F1/v1",
    )
    assert task_query(wanted) == (
        "WorkflowType = 'HumanTask' AND TaskQueue = 'tasks'"
        f" AND ({OPEN})"
        " AND TenutoAssignee = 'u:ann' AND TenutoCandidates = 'g:risk' AND TenutoSubject = 'F1'"
        " AND (TenutoAssignee IN ('u:ann') OR (TenutoState != 'claimed' AND TenutoCandidates IN"
        " ('g:risk', 'u:ann')))"
        " AND TenutoDue < '2026-03-31T16:30:00+00:00' AND TenutoPriority <= 3"
        " AND WorkflowId STARTS_WITH 'task/nav/F1/v1/'"
    )


def test_an_open_task_has_to_be_alive_and_an_ended_one_has_not() -> None:
    assert "ExecutionStatus" not in task_query(TaskFilter(states=("approved", "rejected")))
    both = task_query(TaskFilter(states=("open", "expired")))
    assert "'Paused') AND TenutoState IN ('open')) OR TenutoState IN ('expired')" in both


@pytest.mark.attack
@pytest.mark.parametrize("payload", INJECTIONS)
@pytest.mark.parametrize("key", TYPED)
def test_a_value_that_could_be_query_language_is_refused(key: str, payload: str) -> None:
    with pytest.raises(UsageError) as refused:
        task_query(TaskFilter.model_validate({key: payload}))
    assert refused.value.code == "runs.filter-value"


@pytest.mark.attack
@pytest.mark.parametrize("payload", INJECTIONS)
def test_who_is_called_like_query_language_is_not_put_into_one(payload: str) -> None:
    query = task_query(TaskFilter(words=("u:ann", payload)))
    assert query == task_query(TaskFilter())
    assert TaskFilter(words=("u:ann", payload)).has_words_to_compare


@pytest.mark.attack
@pytest.mark.parametrize("payload", INJECTIONS)
def test_a_state_is_one_of_a_few_and_a_filter_has_no_other_keys(payload: str) -> None:
    for given_filter in ({"states": (payload,)}, {payload: "x"}, {"due_before": payload}):
        with pytest.raises(ValidationError):
            TaskFilter.model_validate(given_filter)


@pytest.mark.attack
@given(
    st.fixed_dictionaries(
        {},
        optional={
            **{key: st.text(max_size=140) for key in TYPED},
            "words": st.lists(st.text(max_size=20), max_size=5).map(tuple),
            "states": st.lists(st.sampled_from(get_args(State)), min_size=1).map(tuple),
            "priority": st.integers(),
        },
    )
)
def test_what_gets_into_a_query_is_quoted_and_holds_no_quote(fields: dict[str, object]) -> None:
    try:
        query = task_query(TaskFilter.model_validate(fields))
    except UsageError:
        assert not all(is_allowed_value(str(fields.get(key, "x"))) for key in TYPED)
        return
    quoted = query.split("'")[1::2]
    assert len(query.split("'")) % 2 == 1
    assert all(is_allowed_value(value) for value in quoted)
    assert "\\" not in query
    assert '"' not in query
    assert "--" not in "".join(query.split("'")[0::2])
