"""`tenuto tasks` before it reaches a server: its words, its default, and what they mean."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tenuto.cli.tasks.filters import named, read_filter
from tenuto.engine.runs.task_query import OPEN, TaskFilter
from tenuto.identity.principal import Principal

ANN = Principal(id="u:ann", groups=("g:risk",))
NOTHING: dict[str, Any] = {
    **dict.fromkeys(("all", "overdue"), False),
    **dict.fromkeys(("assignee", "group", "due_before", "priority", "subject", "kind", "run")),
    "state": (),
}


def read(**given: Any) -> TaskFilter:
    return read_filter(ANN, **{**NOTHING, **given})


def test_the_help_lists_every_verb(tenuto: Callable[..., Any]) -> None:
    page = tenuto("tasks", "--help").out
    for verb in (
        *("inbox", "watch", "show", "history", "approve", "reject", "edit", "answer", "claim"),
        *("release", "delegate", "forward", "comment", "attach", "remind-me", "administer"),
    ):
        assert f"\n  {verb} " in page
        assert tenuto("tasks", verb, "--help").code == 0


@pytest.mark.parametrize(
    "words",
    [(), ("--overdue",), ("inbox",), ("-q",), ("list",), ("list", "--all"), ("--due-before", "4h")],
)
def test_without_a_verb_it_is_the_inbox(tenuto: Callable[..., Any], words: tuple[str]) -> None:
    told = tenuto("tasks", *words)
    assert told.code == 5, "it went for a server, of which there is none"


@pytest.mark.parametrize(
    "words",
    [
        ("aprove", "x"),
        ("approve",),
        ("reject", "x"),
        ("answer", "x"),
        ("forward", "x", "--to", "u:ben"),
        ("delegate", "x"),
        ("administer", "x", "explode", "-m", "why"),
        ("administer", "x", "cancel"),
        ("reject", "x", "-m", "why", "-f", "a=1"),
        ("--state", "everything"),
        ("--due-before", "soon"),
        ("--due-before", "999999w"),
        ("--priority", "11"),
    ],
)
def test_what_is_written_wrong_is_exit_2(tenuto: Callable[..., Any], words: tuple[str]) -> None:
    assert tenuto("tasks", *words).code == 2


def test_what_cannot_be_said_is_not_sent(tenuto: Callable[..., Any]) -> None:
    told = tenuto("tasks", "forward", "x", "--to", "ben", "-m", "why")
    assert told.code == 2
    assert "[task.message]" in told.err
    assert "u:ben" in told.err, "what to write instead"


def test_a_group_is_asked_and_not_delegated_to(tenuto: Callable[..., Any]) -> None:
    told = tenuto("tasks", "delegate", "x/sign-off", "--to", "g:risk")
    assert told.code == 2
    assert "`tenuto tasks forward x/sign-off --to g:risk -m WHY`" in told.err


def test_ones_own_tasks_are_meant_unless_others_are_asked_for() -> None:
    assert read() == TaskFilter(words=("g:risk", "u:ann"), states=OPEN)
    for others in ({"all": True}, {"assignee": "ben"}, {"group": "Heads"}):
        assert read(**others).words == ()
    assert read(assignee="me").assignee == "u:ann"
    assert read(assignee="Ben").assignee == "u:ben"
    assert read(group="Heads").candidate == "g:heads"
    assert read(subject="F1", kind="nav", run="nav/F1").words == ("g:risk", "u:ann")


def test_moments_and_states() -> None:
    soon = datetime.now(UTC) + timedelta(days=1)
    assert read(due_before=soon.replace(tzinfo=None)).due_before == soon
    overdue = read(overdue=True, due_before=soon.replace(tzinfo=None)).due_before
    assert overdue is not None
    assert overdue <= datetime.now(UTC)
    assert read(state=("approved",)).states == ("approved",)
    assert len(read(state=("any",)).states) == 7


def test_me_is_whoever_asks() -> None:
    assert [named(ANN, word) for word in ("me", "Ben", "g:Risk")] == ["u:ann", "u:ben", "g:risk"]
