"""The truth table of notices: three behaviours x met x changed x first or later."""

import itertools

import pytest

from tenuto.packs.monitors.deciding import is_first_of, is_notice_due, question_of
from tenuto.packs.monitors.models import Behavior, Memory, Monitor

DUE = {
    # behaviour: (met, changed, first) -> told
    "once": {
        (True, True, True): True,
        (True, True, False): True,
        (True, False, True): True,
        (True, False, False): True,
    },
    "always": {
        (True, True, True): True,
        (True, True, False): True,
        (True, False, True): True,
        (True, False, False): True,
    },
    "track_state": {
        (True, True, True): True,
        (True, True, False): True,
        (True, False, True): True,
        (True, False, False): False,
    },
}


@pytest.mark.parametrize("behavior", DUE)
@pytest.mark.parametrize(
    ("met", "changed", "is_first"), list(itertools.product((True, False), repeat=3))
)
def test_tor_6_the_whole_table(
    behavior: Behavior, met: bool, changed: bool, is_first: bool
) -> None:
    expected = DUE[behavior].get((met, changed, is_first), False)
    assert is_notice_due(behavior, met=met, changed=changed, is_first=is_first) is expected


@pytest.mark.parametrize("behavior", DUE)
def test_tor_4_what_changed_is_not_what_is_met(behavior: Behavior) -> None:
    assert not is_notice_due(behavior, met=False, changed=True, is_first=True)
    assert not is_notice_due(behavior, met=False, changed=True, is_first=False, is_owed=True)


def test_a_once_monitor_that_told_is_silent_until_it_is_opened_anew() -> None:
    for changed in (True, False):
        assert not is_notice_due("once", met=True, changed=changed, is_first=False, was_told=True)


def test_what_reached_nobody_is_owed() -> None:
    assert is_notice_due("track_state", met=True, changed=False, is_first=False, is_owed=True)


def monitor(**fields: object) -> Monitor:
    return Monitor.model_validate(
        {
            "id": "a-1",
            "name": "a",
            "owner": "u:ann",
            "search_query": "What?",
            "condition_description": "that",
            "schedule": "6 hours",
            **fields,
        }
    )


def test_another_question_knows_nothing_of_the_state_of_this_one() -> None:
    asked = question_of(monitor())
    memory = Memory.model_validate(
        {"condition_met": True, "checked_at": "2026-01-01T00:00:00Z", "question": asked}
    )
    assert is_first_of(None, asked)
    assert not is_first_of(memory, asked)
    other = monitor(condition_description="something else")
    assert is_first_of(memory, question_of(other))


def test_a_name_a_schedule_a_model_and_an_address_do_not_change_the_question() -> None:
    changed = monitor(
        name="b",
        schedule="1 hour",
        config={"model": "another"},
        notifications=[{"type": "email", "address": "a@example.com"}],
    )
    assert question_of(changed) == question_of(monitor())
