"""The approvals a run votes on itself and waits for, and what became of earlier ones."""

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from pydantic import JsonValue, ValidationError

from tenuto.catalog.library.definitions.approval import Decision
from tenuto.core.errors import UsageError
from tenuto.core.records import Record
from tenuto.workflows.interpreter.own_votes.open_approval import ClosedApproval, OpenApproval
from tenuto.workflows.interpreter.own_votes.voting import approvals_missing, refuse, vote_of

_REMEMBERED = 100
_SHOWN_PROBLEMS = 5


class ApprovalsState(Record):
    """What a run carries over when it goes on with a fresh history. It does so between tasks, so
    none is open then."""

    closed: tuple[ClosedApproval, ...] = ()
    """The latest, oldest first."""


class Approvals:
    """The approvals of one run."""

    def __init__(self, state: ApprovalsState | None = None) -> None:
        self._open: dict[str, OpenApproval] = {}
        self._closed = deque((state or ApprovalsState()).closed, maxlen=_REMEMBERED)
        self.on_change: Callable[[], None] = _nothing
        """Called whenever what `details` says may have changed."""

    def open(self, approval: OpenApproval) -> None:
        """The run waits for it from now on."""
        self._open[approval.id] = approval
        self.on_change()

    def close(self, approval: OpenApproval, at: datetime, *, is_expired: bool) -> None:
        """The run waits for it no more."""
        del self._open[approval.id]
        self._closed.append(approval.closed(at, is_expired=is_expired))
        self.on_change()

    @property
    def are_known(self) -> bool:
        """Whether the run ever voted on one itself."""
        return bool(self._open or self._closed)

    def check(self, argument: Decision | JsonValue) -> None:
        """Raises UsageError for what is no decision, or one that may not be counted now."""
        self._accepted(argument)

    def decide(self, argument: Decision | JsonValue, at: datetime) -> dict[str, JsonValue]:
        """Counts a decision; the approval as it stands then, with its `result` once decided.

        Raises as `check` does: what was let through may have been overtaken.
        """
        approval, decision = self._accepted(argument)
        approval.count(vote_of(decision, at))
        self.on_change()
        result = approval.result
        return {
            "id": approval.id,
            "task": approval.name,
            "at": approval.at,
            "counted": decision.decision,
            "is_decided": result is not None,
            "approvals_missing": approvals_missing(approval.request, approval.votes),
            "result": None if result is None else result.model_dump(mode="json"),
        }

    def pending(self) -> list[JsonValue]:
        """The open ones, oldest first."""
        return [approval.view() for approval in self._open.values()]

    def details(self) -> str:
        """What the run waits for, in words; empty when it does not."""
        return ". ".join(each.sentence() for each in self._open.values() if each.result is None)

    def state(self) -> ApprovalsState:
        """What to give the next run's approvals."""
        return ApprovalsState(closed=tuple(self._closed))

    def _accepted(self, argument: Decision | JsonValue) -> tuple[OpenApproval, Decision]:
        decision = _read(argument)
        approval = self._waiting(decision)
        if approval.result is not None:
            raise _too_late(approval.closed(approval.since))
        refuse(decision, approval.request, approval.votes)
        return approval, decision

    def _waiting(self, decision: Decision) -> OpenApproval:
        meant = [each for each in self._open.values() if _is_meant(each, decision)]
        if len(meant) == 1:
            return meant[0]
        if meant:
            raise _ambiguous(decision, meant)
        for closed in reversed(self._closed):
            if _is_meant(closed, decision):
                raise _too_late(closed)
        raise _unknown(decision, list(self._open.values()))


def _nothing() -> None:
    """Nobody wants to know."""


def _read(argument: Decision | JsonValue) -> Decision:
    try:
        return Decision.model_validate(argument)
    except ValidationError as wrong:
        problems = [
            f"`{'.'.join(map(str, error['loc'])) or 'decision'}`: {error['msg']}"
            for error in wrong.errors(include_input=False, include_url=False)
        ]
        raise UsageError(
            f"This is no decision: {'; '.join(problems[:_SHOWN_PROBLEMS])}. Send an object with"
            " `task`, `decision`, and `by`, and perhaps `groups`, `comment`, `form`, `approval`.",
            code="approval.not-a-decision",
            details={"problems": problems[:_SHOWN_PROBLEMS]},
        ) from wrong


def _is_meant(approval: OpenApproval | ClosedApproval, decision: Decision) -> bool:
    return _is_at(approval, decision) and decision.approval in (None, approval.id)


def _is_at(approval: OpenApproval | ClosedApproval, decision: Decision) -> bool:
    return decision.task in (approval.name, approval.at)


def _ambiguous(decision: Decision, meant: Sequence[OpenApproval]) -> UsageError:
    return UsageError(
        f"{len(meant)} approvals wait at tasks called `{decision.task}`; name one by its pointer,"
        f" {_listed(each.at for each in meant)}, or by its id as `approval`.",
        code="approval.ambiguous-task",
        details={"at": [each.at for each in meant], "ids": [each.id for each in meant]},
    )


def _unknown(decision: Decision, waiting: Sequence[OpenApproval]) -> UsageError:
    others = [each for each in waiting if _is_at(each, decision)]
    if others:
        return UsageError(
            f"Another approval waits at `{decision.task}` than `{decision.approval}`, which was"
            " looked at. Look at what waits now (query `pending`) and decide on that.",
            code="approval.not-that-one",
            details={"ids": [each.id for each in others]},
        )
    names = _listed(each.name for each in waiting)
    return UsageError(
        f"No approval waits at a task called `{decision.task}`. "
        + (f"Waiting: {names}." if names else "None waits now."),
        code="approval.unknown-task",
        details={"valid": [each.name for each in waiting]},
    )


def _too_late(closed: ClosedApproval) -> UsageError:
    return UsageError(f"{closed.sentence()}; the decision came too late.", code="approval.closed")


def _listed(words: Iterable[str]) -> str:
    return ", ".join(f"`{word}`" for word in words)
