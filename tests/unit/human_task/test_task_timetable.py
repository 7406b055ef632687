"""The timetable of a task, the quorum, and what a request for people may not say."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenuto.catalog.library.notify.audience import Recipient
from tenuto.catalog.library.tasks.request import Escalation, TaskRequest
from tenuto.workflows import quorum
from tenuto.workflows.human_task import changes, ladder
from tenuto.workflows.human_task.state import TaskState, opened

START = datetime(2026, 1, 5, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)
spans = st.timedeltas(min_value=timedelta(seconds=1), max_value=timedelta(days=36525))


def asked(**fields: Any) -> TaskRequest:
    return TaskRequest(**{"title": "Release", "candidates": ("u:ann", "u:ben"), **fields})


@given(
    remind=st.lists(spans, max_size=5).map(tuple),
    rungs=st.lists(spans, max_size=5),
    expire=st.none() | spans,
)
def test_every_moment_comes_once_and_in_order(
    remind: tuple[timedelta, ...], rungs: list[timedelta], expire: timedelta | None
) -> None:
    escalate = tuple(Escalation(after=rung, to=("u:ceo",)) for rung in rungs)
    request = asked(remind=remind, escalate=escalate, expire=expire)
    state, seen = opened(request, START), []
    while (at := ladder.next_at(request, state)) is not None:
        assert ladder.due(request, state, at - timedelta(microseconds=1)) is None
        moment = ladder.due(request, state, at)
        assert moment is not None
        seen.append((moment.at, moment.what))
        state = _passed(state, moment)
    assert [when for when, _ in seen] == sorted(when for when, _ in seen)
    assert len(seen) == len(remind) + len(rungs) + (expire is not None)
    if expire is not None:
        last = max(when for when, what in seen if what == "expire")
        assert not [what for when, what in seen[seen.index((last, "expire")) + 1 :] if when == last]


def _passed(state: TaskState, moment: ladder.Moment) -> TaskState:
    return changes.reminded(state, moment, moment.at)


@given(
    decisions=st.lists(st.sampled_from(["approve", "reject"]), max_size=8),
    need=st.integers(1, 4),
    veto=st.integers(1, 4),
)
def test_a_quorum_is_reached_once(decisions: Sequence[str], need: int, veto: int) -> None:
    ends = [
        number
        for number in range(1, len(decisions) + 1)
        if quorum.is_decided(decisions[:number], need=need, veto=veto, left=None)
    ]
    if ends:
        first = decisions[: ends[0]]
        assert first.count("approve") == need or first.count("reject") == veto
    else:
        assert decisions.count("approve") < need
        assert decisions.count("reject") < veto


def test_a_rejection_ends_it_when_too_few_are_left_to_approve() -> None:
    assert quorum.is_decided(["reject"], need=2, veto=3, left=1)
    assert not quorum.is_decided(["reject"], need=2, veto=3, left=2)
    assert not quorum.is_decided([], need=2, veto=3, left=0)
    assert quorum.is_decided(["reject", "respond"], need=2, veto=3, left=9)


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"actions": ("reject",)}, "neither `approve`"),
        ({"actions": ("approve", "approve")}, "names one twice"),
        ({"need": 2, "actions": ("approve", "edit")}, "for one person"),
        ({"need": 3}, "2 of the candidates may decide"),
        ({"need": 2, "requester": "u:ann"}, "1 of the candidates may decide"),
        ({"assignee": "u:rex", "requester": "u:rex"}, "may not decide it"),
        ({"on_expiry": "escalate", "expire": HOUR}, "needs `expire` and a rung"),
        ({"candidates": ("u:ann o'neil",)}, "cannot be searched for"),
        ({"candidates": ('u:x" OR TenutoState="open',)}, "cannot be searched for"),
        ({"candidates": tuple(f"u:{'x' * 100}{n}" for n in range(20))}, "name a group"),
        ({"due": timedelta(0)}, "above zero"),
        ({"expire": timedelta(days=40_000)}, "a hundred years"),
        (
            {
                "notify": (
                    Recipient(name="desk", channel="file", target="a"),
                    Recipient(name="desk", channel="file", target="b"),
                )
            },
            "two recipients of one name",
        ),
    ],
)
def test_a_request_that_cannot_be_decided_is_refused(fields: dict[str, Any], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        asked(**fields)


def test_what_happened_is_kept_within_bounds() -> None:
    state = opened(asked(), START)
    for number in range(300):
        state = state.happened("commented", START, text=f"{number}" + "x" * 1_000)
    assert sum(len(each.text) for each in state.happenings) <= 50_000
    assert state.happenings[-1].text.startswith("299")
    assert len(state.happenings) + state.forgotten == 301
