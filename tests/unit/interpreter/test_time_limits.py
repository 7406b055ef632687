"""Timeouts of tasks and runs, durations, and the pace of runs that never wait."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from rehearsed_runs import error, happened, output, plan_of, ran
from tenuto.core.problem import Fault
from tenuto.workflows.interpreter.durations import duration
from tenuto.workflows.interpreter.guards import BREATH, Pace
from tenuto.workflows.interpreter.machine import Machine
from tenuto.workflows.interpreter.rehearsal import Answers, RehearsalHost
from tenuto.workflows.interpreter.virtual_time import run_in_virtual_time

LONG = {
    "wait": "wait: PT1H",
    "do": "do: [{inside: {wait: PT1H}}]",
    "for": "for: {in: '[1]'}, do: [{inside: {wait: PT1H}}]",
    "fork": "fork: {branches: [{inside: {wait: PT1H}}]}",
    "try": "try: [{inside: {wait: PT1H}}], catch: {}",
    "listen": "listen: {to: {one: {with: {type: never}}}}",
}


@pytest.mark.parametrize("kind", LONG)
def test_a_timeout_on_any_kind_is_a_408_of_that_task(kind: str) -> None:
    rehearsed = ran(f"- long: {{timeout: {{after: PT5S}}, {LONG[kind]}}}")
    assert rehearsed.error is not None
    assert (rehearsed.error.status, rehearsed.error.instance) == (408, "/do/0/long")
    assert rehearsed.took == timedelta(seconds=5)
    inside = [] if kind in ("wait", "listen") else ["inside"]
    assert happened(rehearsed, "cancelled") == inside
    assert happened(rehearsed, "faulted") == ["long"]


def test_the_limit_counts_for_all_that_is_inside_together_and_an_inner_try_cannot_take_it() -> None:
    tasks = """
- outer:
    try:
      - block:
          timeout: {after: PT5S}
          try:
            - first: {wait: PT3S}
            - second: {wait: PT3S}
          catch: {do: [{never: {set: never}}]}
    catch: {do: [{got: {set: "${ $error.instance }"}}]}
"""
    rehearsed = ran(tasks)
    assert rehearsed.output == "/do/0/outer/try/0/block"
    assert happened(rehearsed, "cancelled") == ["second"]


def test_what_ends_in_time_is_not_disturbed_by_the_limit() -> None:
    assert output("- a: {timeout: {after: PT5S}, do: [{b: {wait: PT4S}}]}", {"n": 1}) == {"n": 1}


def test_waiting_for_the_next_attempt_counts_too() -> None:
    tasks = """
- attempt:
    timeout: {after: PT5S}
    try: [{fails: {raise: {error: {type: https://x.y/z, status: 400}}}}]
    catch: {retry: {delay: PT1H}}
"""
    problem = error(tasks)
    assert (problem.status, problem.instance) == (408, "/do/0/attempt")


def test_the_run_has_a_limit_that_nothing_can_catch() -> None:
    tasks = "- a: {try: [{b: {wait: PT1H}}], catch: {}}"
    rehearsed = ran(tasks, top="timeout: {after: {seconds: 7}}")
    assert rehearsed.error is not None
    assert (rehearsed.error.status, rehearsed.error.instance) == (408, "/timeout")
    assert happened(rehearsed, "cancelled") == ["b", "a"]
    assert rehearsed.took == timedelta(seconds=7)


def test_a_limit_can_be_an_expression() -> None:
    assert ran("- a: {timeout: {after: '${ .t }'}, wait: PT1H}", {"t": "PT2S"}).took.seconds == 2


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("PT1M30S", 90),
        ("P1DT1H", 90000),
        ("P2W", 1209600),
        ("PT0.5S", 0.5),
        ("PT1.5H", 5400),
        ({"hours": 2, "minutes": 15, "seconds": 30}, 8130),
        ({"milliseconds": 1500}, 1.5),
        ({"days": 1}, 86400),
        ({"seconds": 0}, 0),
    ],
)
def test_durations_are_text_or_an_object_of_units(value: JsonValue, seconds: float) -> None:
    assert duration(value) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "value",
    [
        *("", "P", "PT", "P1M", "P1Y", "1h", "PT5", "P1DT", "PT-5S", "PT٣S", "P1000000D", "PT1e5S"),
        *({}, {"weeks": 1}, {"seconds": -1}, {"seconds": 1.5}, {"seconds": True}),
        *({"days": 10**12}, None, 5, [], True),
    ],
    ids=str,
)
def test_what_is_no_duration_is_refused(value: JsonValue) -> None:
    with pytest.raises(Fault, match="is no duration"):
        duration(value)


@given(
    st.fixed_dictionaries(
        {}, optional={unit: st.integers(0, 300) for unit in ("days", "hours", "minutes", "seconds")}
    ).filter(bool)
)
def test_both_forms_of_a_duration_mean_the_same(units: dict[str, JsonValue]) -> None:
    letters = {"days": "D", "hours": "H", "minutes": "M", "seconds": "S"}
    date, time = (
        "".join(f"{units[unit]}{letters[unit]}" for unit in part if unit in units)
        for part in (("days",), ("hours", "minutes", "seconds"))
    )
    assert duration(f"P{date}{'T' if time else ''}{time}") == duration(units)


def breaths(tasks: str, most_steps: int) -> int:
    """How often a run that never waits pauses by itself."""
    host = RehearsalHost(Answers())
    started = datetime(2026, 1, 1, tzinfo=UTC)
    machine = Machine(plan_of(tasks), {}, host, most_steps=most_steps)

    async def played() -> datetime:
        await machine.run()
        return host.now()

    return round((run_in_virtual_time(played()) - started) / BREATH)


def test_a_run_that_never_waits_breathes_after_so_many_steps() -> None:
    loop = "- loop: {for: {in: '[range(150)]'}, do: [{a: {set: 1}}]}"
    assert breaths(loop, 200) == 1
    assert breaths(loop, 1000) == 0


def test_expressions_weigh_by_what_they_take() -> None:
    heavy = "- loop: {for: {in: '[range(20)]'}, do: [{a: {set: '${ [range(2000)] | add }'}}]}"
    light = "- loop: {for: {in: '[range(20)]'}, do: [{a: {set: '${ 1 }'}}]}"
    assert breaths(heavy, 1500) >= 1
    assert breaths(light, 1500) == 0


def test_branches_share_one_pace() -> None:
    branch = "{%s: {for: {in: '[range(100)]'}, do: [{a: {set: 1}}]}}"
    fork = f"- f: {{fork: {{branches: [{branch % 'x'}, {branch % 'y'}, {branch % 'z'}]}}}}"
    assert breaths(fork, 500) == 1


async def test_time_that_passes_begins_a_new_count() -> None:
    class Clock(RehearsalHost):
        moment = datetime(2026, 1, 1, tzinfo=UTC)

        def now(self) -> datetime:
            self.moment += timedelta(milliseconds=1)
            return self.moment

        async def sleep(self, delay: timedelta, *, summary: str) -> None:
            raise AssertionError("no breath is needed")

    pace = Pace(Clock(Answers()), most_steps=2)
    for _ in range(10):
        await pace.step()
