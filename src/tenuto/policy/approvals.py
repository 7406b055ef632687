"""Approvals that rules ask for, and those that people gave."""

from collections.abc import Sequence

from pydantic import JsonValue

from tenuto.policy.decision import Obligation, Question
from tenuto.policy.types import compared


def missing_approvals(
    question: Question, asked_for: Sequence[Obligation]
) -> tuple[Obligation, ...]:
    """The approvals among `asked_for` that `question` does not bring.

    `context.approvals` is a list of `{by, groups}`, from a task for people that was approved.
    Everybody counts once; whoever asks does not count.
    """
    given = question.context.get("approvals")
    votes = given if isinstance(given, list) else []
    asker = compared(question.principal.id)
    return tuple(
        each
        for each in asked_for
        if each.kind == "approval" and len(_people(votes, each.group) - {asker}) < (each.need or 1)
    )


def _people(votes: list[JsonValue], group: str | None) -> set[str]:
    people: set[str] = set()
    for vote in votes:
        if isinstance(vote, dict) and isinstance(vote.get("by"), str):
            listed = vote.get("groups")
            groups = listed if isinstance(listed, list) else []
            if group in {compared(each) for each in groups if isinstance(each, str)}:
                people.add(compared(str(vote["by"])))
    return people
