"""An approval of a definition as the task that people get, and what they decided as its result."""

from collections.abc import Sequence
from datetime import timedelta

from pydantic import JsonValue, ValidationError

from tenuto.catalog.library.definitions.approval import ApprovalRequest, ApprovalResult, Vote
from tenuto.catalog.library.tasks.outcome import TaskOutcome
from tenuto.catalog.library.tasks.request import TaskRequest
from tenuto.core.references import Sha256
from tenuto.identity.ticket import hash_of

KIND = "human.approval"
"""The kind of task by which rules and inboxes know an approval of a definition."""

_WRITTEN_AS = {"candidates": "approvers", "expire": "timeout", "remind": "reminders"}
"""Field of a task -> what it is called in a definition, where it is called otherwise."""

_SHOWN = ("title", "description", "subject", "evidence", "form")


def task_of(
    request: ApprovalRequest, *, timeout: timedelta | None, reminders: Sequence[timedelta]
) -> TaskRequest:
    """The task; `timeout` and `reminders` are the request's, as lengths of time.

    Raises pydantic.ValidationError, in the task's words, for what no task can be: approvers whom
    nobody could search for, more votes than a task takes, a length of time that is none.
    """
    return TaskRequest(
        kind=KIND,
        title=request.title,
        description=request.description,
        subject=request.subject,
        evidence=request.evidence,
        seen=_seen(request),
        requester=request.requester,
        candidates=request.approvers,
        excluded=request.excluded,
        four_eyes=request.separation_of_duties,
        need=request.need,
        veto=1 if request.veto else request.need,
        actions=request.actions,
        form=request.form,
        remind=tuple(reminders),
        expire=timeout,
        on_expiry="fail",
    )


def problems_of(wrong: ValidationError) -> list[tuple[tuple[str, ...], str]]:
    """Where and why an approval cannot be asked for, the fields as a definition writes them."""
    errors = wrong.errors(include_input=False, include_url=False)
    found = [
        (tuple(_WRITTEN_AS.get(str(step), str(step)) for step in error["loc"]), error["msg"])
        for error in errors
    ]
    inside = {path[:-1] for path, _ in found if path}
    # A list whose items are refused counts as too short besides: said once, of the item.
    return [
        (path, why.removeprefix("Value error, "))
        for (path, why), error in zip(found, errors, strict=True)
        if error["type"] != "too_short" or path not in inside
    ]


def result_of(outcome: TaskOutcome) -> ApprovalResult:
    """The result, of a task that was decided."""
    assert outcome.decision is not None  # noqa: S101 (it was decided)
    return ApprovalResult(
        decision=outcome.decision,
        votes=tuple(
            Vote(
                by=vote.by,
                decision=vote.decision,
                at=vote.at,
                comment=vote.comment,
                form=vote.form,
            )
            for vote in outcome.votes
        ),
        comment=outcome.comment,
        form=outcome.form,
    )


def _seen(request: ApprovalRequest) -> Sha256:
    """Hash of what the people are shown: they decide on that, and on nothing else."""
    written: dict[str, JsonValue] = request.model_dump(mode="json")
    return hash_of([{name: written[name] for name in _SHOWN}])
