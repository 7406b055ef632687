"""Who may decide what, and when enough have: pure rules, asked by the validator and the handler."""

from collections.abc import Sequence
from datetime import datetime

from tenuto.catalog.library.definitions.approval import (
    ApprovalRequest,
    ApprovalResult,
    Decision,
    Vote,
)
from tenuto.core.errors import UsageError
from tenuto.core.people import group
from tenuto.core.problem import Fault
from tenuto.workflows import quorum
from tenuto.workflows.interpreter.schemas import Schemas


def refuse(decision: Decision, request: ApprovalRequest, votes: Sequence[Vote]) -> None:
    """Raises UsageError unless the decision may be counted. `votes` were counted before it."""
    _refuse_action(decision, request)
    _refuse_person(decision, request)
    _refuse_second_vote(decision, votes)
    _refuse_content(decision, request)


def vote_of(decision: Decision, at: datetime) -> Vote:
    """The decision as counted at the moment `at`."""
    return Vote(
        by=decision.by,
        decision=decision.decision,
        at=at,
        comment=decision.comment,
        form=decision.form,
    )


def outcome(request: ApprovalRequest, votes: Sequence[Vote]) -> ApprovalResult | None:
    """What the votes decide, the last of them deciding; None while more are needed."""
    if not votes or not _is_decided(request, votes):
        return None
    last = votes[-1]
    return ApprovalResult(
        decision=last.decision, votes=tuple(votes), comment=last.comment, form=last.form
    )


def approvals_missing(request: ApprovalRequest, votes: Sequence[Vote]) -> int:
    """How many people must still approve."""
    return quorum.approvals_missing(_decisions(votes), request.need)


def _is_decided(request: ApprovalRequest, votes: Sequence[Vote]) -> bool:
    possible = request.possible_voters()
    return quorum.is_decided(
        _decisions(votes),
        need=request.need,
        veto=1 if request.veto else request.need,
        left=None if possible is None else len(possible - {vote.by for vote in votes}),
    )


def _decisions(votes: Sequence[Vote]) -> list[str]:
    return [vote.decision for vote in votes]


def _refuse_action(decision: Decision, request: ApprovalRequest) -> None:
    if decision.decision not in request.actions:
        raise UsageError(
            f"`{decision.decision}` is not among what may be decided here: choose"
            f" {_listed(request.actions)}.",
            code="approval.unknown-action",
            details={"valid": list(request.actions)},
        )


def _refuse_person(decision: Decision, request: ApprovalRequest) -> None:
    words = {decision.by, *(group(name) for name in decision.groups)}
    if request.separation_of_duties and decision.by == request.requester:
        raise UsageError(
            f"`{decision.by}` asked for this approval and may not decide on it; another of"
            f" {_listed(request.approvers)} can.",
            code="approval.own-request",
        )
    if words & set(request.excluded):
        raise UsageError(
            f"`{decision.by}` is excluded from this decision"
            f" ({_listed(sorted(words & set(request.excluded)))}).",
            code="approval.excluded",
        )
    if not words & set(request.approvers):
        in_groups = f" with groups {_listed(decision.groups)}" if decision.groups else ""
        raise UsageError(
            f"`{decision.by}`{in_groups} is not among the approvers:"
            f" {_listed(request.approvers)}. A member of a group says so with `groups`:"
            " `--groups NAME`.",
            code="approval.not-an-approver",
            details={"valid": list(request.approvers)},
        )


def _refuse_second_vote(decision: Decision, votes: Sequence[Vote]) -> None:
    for vote in votes:
        if vote.by == decision.by:
            raise UsageError(
                f"`{decision.by}` has decided already: `{vote.decision}` at"
                f" {vote.at:%Y-%m-%d %H:%M:%S} UTC. One person has one vote.",
                code="approval.second-vote",
            )


def _refuse_content(decision: Decision, request: ApprovalRequest) -> None:
    if decision.decision in ("reject", "respond") and not decision.comment.strip():
        raise UsageError(
            f"`{decision.decision}` needs a `comment` that says why.",
            code="approval.no-comment",
        )
    if decision.decision == "edit" and decision.form is None:
        raise UsageError(
            "`edit` needs the changed data as `form`.",
            code="approval.no-form",
        )
    if decision.decision in ("approve", "edit"):
        _refuse_form(decision, request)


def _refuse_form(decision: Decision, request: ApprovalRequest) -> None:
    if request.form is None:
        return
    try:
        Schemas().check(request.form, decision.form, "The form")
    except Fault as unfit:
        raise UsageError(
            f"{unfit.message}. Send what its schema asks for as `form`; the query `pending` shows"
            " it.",
            code="approval.form-invalid",
        ) from unfit


def _listed(words: Sequence[str]) -> str:
    return ", ".join(f"`{word}`" for word in words)
