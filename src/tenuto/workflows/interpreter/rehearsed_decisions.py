"""People in a rehearsal: whoever may decide does, at once, and says what they are told to."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import TypeVar

from tenuto.catalog.library.tasks.outcome import TaskOutcome, Vote
from tenuto.catalog.library.tasks.request import Action, TaskRequest
from tenuto.core.errors import UsageError
from tenuto.identity.ticket import NO_POLICY
from tenuto.workflows.human_task import voting
from tenuto.workflows.human_task.state import opened
from tenuto.workflows.interpreter.samples import sample

SaidT = TypeVar("SaidT")


def said(by_task: Mapping[str, SaidT], at: str, name: str) -> SaidT | None:
    """What is said of the task at the pointer `at`, or else of those called `name`."""
    return by_task.get(at, by_task.get(name))


def decided(
    asked: TaskRequest, task_id: str, action: str | None, task: str, at: datetime
) -> TaskOutcome | None:
    """The outcome when everybody who may decide says `action`, or else the first action; None
    where too few may.

    Raises UsageError for an action that the approval `task` does not offer.
    """
    wanted = action or asked.actions[0]
    refuse_action(wanted, task, asked.actions)
    state = opened(asked, at)
    for by, groups in _voters(asked):
        if {by, *groups} & asked.kept_away:
            continue
        vote = _vote(asked, wanted, by=by, groups=groups, at=at)
        state = state.model_copy(update={"votes": (*state.votes, vote)})
        outcome = voting.outcome(asked, state, task_id)
        if outcome is not None:
            return outcome
    return None


def refuse_action(action: str, task: str, valid: Sequence[str]) -> None:
    """Raises UsageError unless `action` is among the `valid` ones of the approval `task`."""
    if action not in valid:
        raise UsageError(
            f"`{action}` is not among the actions of `{task}`: {', '.join(valid)}.",
            code="definition.unknown-action",
            details={"task": task, "valid": list(valid)},
        )


def _vote(
    asked: TaskRequest, decision: str, *, by: str, groups: tuple[str, ...], at: datetime
) -> Vote:
    action: Action = next(each for each in asked.actions if each == decision)
    filled = sample(asked.form)
    return Vote(
        by=by,
        groups=groups,
        decision=action,
        at=at,
        comment="rehearsed",
        form=filled if action != "reject" and isinstance(filled, dict) else None,
        seen=asked.seen,
        ticket="rehearsed",
        policy=NO_POLICY,
    )


def _voters(asked: TaskRequest) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The candidates by name, and as many members of each group as are needed."""
    for who in dict.fromkeys(asked.candidates):
        if who.startswith("g:"):
            name = who.removeprefix("g:")
            for number in range(1, asked.need + 1):
                yield f"u:{name} member {number}", (who,)
        else:
            yield who, ()
