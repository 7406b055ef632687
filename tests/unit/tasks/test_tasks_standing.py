"""Who is told that something stands against deciding, and in which words."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tenuto.catalog.library.tasks.outcome import TaskView, Vote
from tenuto.catalog.library.tasks.request import TaskRequest
from tenuto.core.errors import TenutoError
from tenuto.identity.principal import Principal
from tenuto.identity.ticket import NO_POLICY
from tenuto.triggers.tasks.found import concerns
from tenuto.triggers.tasks.looking import seen_for
from tenuto.triggers.tasks.standing import obstacle

AT = datetime(2026, 3, 31, 18, tzinfo=UTC)
HASH, OTHER = "a" * 64, "b" * 64


def view(request: dict[str, Any] | None = None, **fields: Any) -> TaskView:
    """A task to ann and the group `g:risk`, by rex."""
    asked = {"title": "Release", "requester": "u:rex", "candidates": ("u:ann", "g:risk")}
    given: dict[str, Any] = {
        "task_id": "task/nav/sign-off",
        "root": "nav",
        "request": TaskRequest(**{**asked, **(request or {})}),
        "state": "open",
        "candidates": ("u:ann", "g:risk"),
        "excluded": (),
        "assignee": None,
        "votes": (),
        "approvals_missing": 1,
        "opened_at": AT,
        "due_at": None,
        "expires_at": None,
    }
    return TaskView(**{**given, **fields})


def who(name: str, *groups: str) -> Principal:
    return Principal(id=name, groups=groups)


VOTE = Vote(by="u:ann", decision="approve", at=AT, ticket="t", policy=NO_POLICY)


@pytest.mark.parametrize(
    ("task", "person", "expected"),
    [
        (view(), who("u:ann"), None),
        (view(), who("u:ben", "g:risk"), None),
        (view(), who("u:ben", "g:other"), "you are no candidate"),
        (view(), who("u:rex", "g:risk"), "you ask for it"),
        (view({"four_eyes": False}), who("u:rex", "g:risk"), None),
        (view({"preparers": ("u:pia",)}), who("u:pia", "g:risk"), "you prepared it"),
        (view(excluded=("u:ann",)), who("u:ann"), "you are excluded"),
        (view(excluded=("g:risk",)), who("u:ben", "g:risk"), "you are excluded"),
        (view(assignee="u:ben", state="claimed"), who("u:ann"), "u:ben has claimed it"),
        (view(assignee="u:ben", state="claimed"), who("u:ben"), None),
        (view(votes=(VOTE,)), who("u:ann"), "you have voted"),
        (view(state="approved"), who("u:ann"), "it is approved"),
    ],
)
def test_what_stands_against_deciding(task: TaskView, person: Principal, expected: str) -> None:
    assert obstacle(task, person) == expected


def test_a_task_concerns_whoever_claimed_it_and_otherwise_its_candidates() -> None:
    assert concerns(view(), {"u:ann"})
    assert concerns(view(), {"g:risk"})
    assert not concerns(view(), {"u:ben"})
    claimed = view(state="claimed", assignee="u:ben")
    assert concerns(claimed, {"u:ben"})
    assert not concerns(claimed, {"u:ann", "g:risk"})


def test_a_hash_is_named_only_by_who_looked() -> None:
    task = view({"seen": HASH})
    assert seen_for(task, None, was_shown=True) == HASH
    assert seen_for(task, HASH, was_shown=False) == HASH
    assert seen_for(view(), None, was_shown=False) is None
    for given, was_shown, code in (
        (None, False, "task.seen-needed"),
        (OTHER, True, "task.seen-other"),
        (HASH[:12], True, "task.seen-other"),
        ("", False, "task.seen-other"),
    ):
        with pytest.raises(TenutoError) as refused:
            seen_for(task, given, was_shown=was_shown)
        assert refused.value.code == code
        assert refused.value.details == {"seen": HASH}
    with pytest.raises(TenutoError):
        seen_for(view(), HASH, was_shown=True)
