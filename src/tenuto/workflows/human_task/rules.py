"""Who may say what to a task, and when: pure refusals, asked by the validator and the handler."""

from collections.abc import Iterable
from collections.abc import Set as AbstractSet

from tenuto.catalog.library.tasks.messages import (
    Administer,
    Attach,
    Claim,
    Decide,
    Delegate,
    Forward,
    Release,
    Remark,
    RemindMe,
)
from tenuto.catalog.library.tasks.outcome import TaskOutcome, closed
from tenuto.catalog.library.tasks.request import fits_search
from tenuto.core.errors import PolicyDenied, UsageError
from tenuto.workflows.human_task.ladder import yet_to_come
from tenuto.workflows.human_task.situation import Situation
from tenuto.workflows.human_task.voting import left_to_vote
from tenuto.workflows.quorum import approvals_missing

MOST_ATTACHMENTS = 100
MOST_REMINDERS = 5
"""That one person may wait for at a time."""


def refuse_claim(situation: Situation, _: Claim) -> None:
    """Raises unless a candidate takes a task that nobody else has."""
    _refuse_closed(situation)
    _refuse_decider(situation)
    _refuse_claimed_by_another(situation)
    _refuse_second_vote(situation)


def refuse_release(situation: Situation, _: Release) -> None:
    """Raises unless whoever has the task gives it back."""
    _refuse_closed(situation)
    if situation.state.assignee != situation.by:
        has = situation.state.assignee
        raise PolicyDenied(
            f"`{situation.by}` has not claimed this task"
            + (f", `{has}` has." if has else "; nobody has.")
            + " Only whoever claimed it gives it back; an administrator reassigns it.",
            code="task.not-yours",
        )


def refuse_delegate(situation: Situation, message: Delegate) -> None:
    """Raises unless whoever has the task, or while nobody has a candidate, hands it to somebody
    who may decide it."""
    _refuse_closed(situation)
    _refuse_decider(situation)
    _refuse_claimed_by_another(situation)
    if message.to == situation.by:
        raise UsageError(
            "A task is delegated to somebody else; `claim` takes it.", code="task.to-oneself"
        )
    _refuse_unfit(situation, message.to)
    gives_up = {situation.by} if situation.request.four_eyes else set()
    _refuse_too_few(situation, {*situation.state.candidates, message.to} - gives_up)


def refuse_forward(situation: Situation, message: Forward) -> None:
    """Raises unless whoever has the task, or while nobody has a candidate, names candidates of
    whom enough may decide."""
    _refuse_closed(situation)
    _refuse_decider(situation)
    _refuse_claimed_by_another(situation)
    _refuse_candidates(situation, message.to)


def refuse_decide(situation: Situation, message: Decide) -> None:
    """Raises unless the vote may be counted now. What it says is judged by `contents`."""
    _refuse_closed(situation)
    _refuse_decider(situation)
    _refuse_claimed_by_another(situation)
    _refuse_second_vote(situation)
    if message.decision not in situation.request.actions:
        raise UsageError(
            f"`{message.decision}` is not among what may be decided here: choose"
            f" {_listed(situation.request.actions)}.",
            code="task.unknown-action",
            details={"valid": list(situation.request.actions)},
        )


def refuse_comment(situation: Situation, _: Remark) -> None:
    """Raises unless somebody whom the task concerns says something, and there is room for it."""
    _refuse_closed(situation)
    _refuse_outsider(situation)
    most = situation.request.most_comments
    if situation.state.comments >= most:
        raise UsageError(
            f"This task has {most:,} comments, which is all it takes. Decide it, or talk"
            " somewhere else.",
            code="task.too-many-comments",
        )


def refuse_attach(situation: Situation, _: Attach) -> None:
    """Raises unless somebody whom the task concerns adds a file, and there is room for it."""
    _refuse_closed(situation)
    _refuse_outsider(situation)
    if len(situation.state.attachments) >= MOST_ATTACHMENTS:
        raise UsageError(
            f"This task has {MOST_ATTACHMENTS} attachments, which is all it takes. Put several"
            " files into one archive.",
            code="task.too-many-attachments",
        )


def refuse_remind_me(situation: Situation, _: RemindMe) -> None:
    """Raises unless somebody whom the task concerns asks, and does not wait for many already."""
    _refuse_closed(situation)
    _refuse_outsider(situation)
    mine = [each for each in situation.state.reminders if each.by == situation.by]
    if len(mine) >= MOST_REMINDERS:
        raise UsageError(
            f"`{situation.by}` waits for {MOST_REMINDERS} reminders of this task already. Ask for"
            " another when one of them came.",
            code="task.too-many-reminders",
        )


def refuse_administer(situation: Situation, message: Administer) -> None:
    """Raises unless the task is open. That it is an administrator who speaks was judged by policy,
    when the ticket was issued; who asks or prepares may nevertheless only cancel."""
    _refuse_closed(situation)
    _refuse_program(situation)
    if message.what != "cancel":
        _refuse_involved(situation)
    if message.what == "reassign":
        if not message.to:
            raise UsageError(
                "`reassign` needs to know to whom: name them in `to`.", code="task.nobody-named"
            )
        _refuse_candidates(situation, message.to)


def _refuse_closed(situation: Situation) -> None:
    """What nobody may, whatever the message: speak to a closed task."""
    if situation.state.outcome is not None:
        raise closed(situation.state.outcome)
    until = situation.expires_at
    if until is not None and situation.now >= until:
        # Its timer comes in the same step, or soon: the deadline is a deadline all the same.
        raise closed(TaskOutcome(task_id=situation.task_id, state="expired", at=until))


def _refuse_decider(situation: Situation) -> None:
    _refuse_program(situation)
    _refuse_involved(situation)
    _refuse_excluded(situation)
    state = situation.state
    if not situation.words & state.deciders:
        in_groups = f" with groups {_listed(situation.ticket.grp)}" if situation.ticket.grp else ""
        raise PolicyDenied(
            f"`{situation.by}`{in_groups} is not among the candidates:"
            f" {_listed(state.candidates)}. One of them decides, or forwards it.",
            code="task.not-a-candidate",
            details={"valid": list(state.candidates)},
        )


def _refuse_program(situation: Situation) -> None:
    if not situation.is_person:
        raise PolicyDenied(
            f"`{situation.by}` is a program. Only people (`u:...`) do this to a task.",
            code="task.not-a-person",
        )


def _refuse_involved(situation: Situation) -> None:
    asked = situation.request
    if asked.four_eyes and situation.by in {asked.requester, *asked.preparers}:
        what = "asked for" if situation.by == asked.requester else "prepared"
        raise PolicyDenied(
            f"`{situation.by}` {what} this and may not decide on it too: four eyes are wanted.",
            code="task.own-request",
        )


def _refuse_excluded(situation: Situation) -> None:
    by = situation.words & situation.kept_away
    if by:
        groups = sorted(by - {situation.by})
        through = f", in {_listed(groups)}," if groups and situation.by not in by else ""
        raise PolicyDenied(
            f"`{situation.by}`{through} is excluded from this decision: by the request, or because"
            " of having delegated it. Somebody else among the candidates decides.",
            code="task.excluded",
        )


def _refuse_claimed_by_another(situation: Situation) -> None:
    has = situation.state.assignee
    if has is not None and has != situation.by:
        raise UsageError(
            f"`{has}` has claimed this task. Ask `{has}` to release or delegate it; an"
            " administrator can reassign it.",
            code="task.claimed",
            details={"assignee": has},
        )


def _refuse_second_vote(situation: Situation) -> None:
    for vote in situation.state.votes:
        if vote.by == situation.by:
            raise PolicyDenied(
                f"`{situation.by}` has decided already: `{vote.decision}` at"
                f" {vote.at:%Y-%m-%d %H:%M:%S} UTC. One person has one vote.",
                code="task.second-vote",
            )


def _refuse_outsider(situation: Situation) -> None:
    asked, state = situation.request, situation.state
    concerned = {
        *(asked.requester, state.assignee),
        *(*asked.preparers, *asked.watchers, *state.candidates),
        *(vote.by for vote in state.votes),
    }
    if not situation.words & concerned:
        raise PolicyDenied(
            f"`{situation.by}` is neither a candidate nor a watcher of this task, and did not ask"
            " for it.",
            code="task.outsider",
        )


def _refuse_unfit(situation: Situation, who: str) -> None:
    """Of one who shall have the task."""
    has_voted = who in {vote.by for vote in situation.state.votes}
    if has_voted or who in situation.kept_away:
        raise PolicyDenied(
            f"`{who}` "
            + ("has voted already" if has_voted else "may not decide this task")
            + ": name somebody else.",
            code="task.unfit-delegate",
        )


def _refuse_candidates(situation: Situation, to: tuple[str, ...]) -> None:
    """Of those who shall be candidates in place of those who are."""
    _refuse_too_few(situation, set(to))
    if not fits_search({*to, *yet_to_come(situation.request, situation.state)}):
        raise UsageError(
            "So many people cannot be searched for. Name a group in place of its members.",
            code="task.too-many-people",
        )


def _refuse_too_few(situation: Situation, people: AbstractSet[str]) -> None:
    missing = approvals_missing(situation.state.decisions, situation.request.need)
    left = left_to_vote(situation.request, situation.state, people)
    if left is not None and left < missing:
        raise UsageError(
            f"{missing} must still approve, and of {_listed(sorted(people))} only {left} may."
            " Name more people, or a group.",
            code="task.too-few-people",
        )


def _listed(words: Iterable[str]) -> str:
    return ", ".join(f"`{word}`" for word in words)
