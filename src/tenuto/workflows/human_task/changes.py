"""What a message that was let through makes of a task: pure, and without waiting for anything."""

from datetime import datetime

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
from tenuto.catalog.library.tasks.outcome import TaskOutcome, Vote
from tenuto.workflows.human_task import voting
from tenuto.workflows.human_task.ladder import Moment
from tenuto.workflows.human_task.situation import Situation
from tenuto.workflows.human_task.state import PersonalReminder, TaskState

_WORDS = {"approve": "approved", "edit": "edited", "reject": "rejected", "respond": "answered"}


def claim(situation: Situation, _: Claim) -> TaskState:
    """Whoever speaks has it."""
    state = situation.state
    is_entrusted = state.is_entrusted and state.assignee == situation.by
    return _changed(situation, "claimed", assignee=situation.by, is_entrusted=is_entrusted)


def release(situation: Situation, _: Release) -> TaskState:
    """Nobody has it."""
    return _changed(situation, "released", assignee=None)


def delegate(situation: Situation, message: Delegate) -> TaskState:
    """Somebody else has it. With four eyes, whoever handed it over decides no more: one will must
    not become two votes."""
    excluded = situation.state.excluded
    if situation.request.four_eyes:
        excluded = tuple(dict.fromkeys((*excluded, situation.by)))
    text = f"to {message.to}. {message.comment}".rstrip(". ")
    return _changed(
        situation, "delegated", text, assignee=message.to, is_entrusted=True, excluded=excluded
    )


def forward(situation: Situation, message: Forward) -> TaskState:
    """Others are the candidates."""
    text = f"to {', '.join(message.to)}. {message.comment}"
    return _changed(situation, "forwarded", text, candidates=_each_once(message.to), assignee=None)


def decide(situation: Situation, message: Decide) -> TaskState:
    """The vote is counted, and perhaps decides; otherwise others may claim it."""
    voted = situation.state.model_copy(
        update={"votes": (*situation.state.votes, _vote(situation, message))}
    )
    outcome = voting.outcome(situation.request, voted, situation.task_id)
    return _changed(
        situation,
        _WORDS[message.decision],
        message.comment,
        votes=voted.votes,
        outcome=outcome,
        assignee=situation.state.assignee if outcome else None,
    )


def comment(situation: Situation, message: Remark) -> TaskState:
    """Something was said."""
    return _changed(situation, "commented", message.text, comments=situation.state.comments + 1)


def attach(situation: Situation, message: Attach) -> TaskState:
    """A file was added."""
    document = message.document
    text = f"{document.name or document.sha256}. {message.comment}".rstrip(". ")
    attachments = (*situation.state.attachments, document)
    return _changed(situation, "attached", text, attachments=attachments)


def remind_me(situation: Situation, message: RemindMe) -> TaskState:
    """Somebody will be reminded."""
    reminder = PersonalReminder(by=situation.by, at=situation.now + message.after)
    text = f"at {reminder.at:%Y-%m-%d %H:%M:%S} UTC"
    reminders = (*situation.state.reminders, reminder)
    return _changed(situation, "reminder asked for", text, reminders=reminders)


def administer(situation: Situation, message: Administer) -> TaskState:
    """Others are the candidates, or it is over. Where the task escalates instead of ending, so it
    does here: see `escalated`."""
    reason = message.reason
    if message.what == "reassign":
        to = _each_once(message.to)
        text = f"to {', '.join(to)}. {reason}"
        return _changed(situation, "reassigned", text, candidates=to, assignee=None)
    request, state, task_id = situation.request, situation.state, situation.task_id
    at, by = situation.now, situation.by
    if message.what == "cancel":
        outcome = voting.cancelled(state, task_id, at, by=by, reason=reason)
    else:
        outcome = voting.expired(request, state, task_id, at, by=by, reason=reason)
    return _changed(situation, outcome.state, reason, outcome=outcome)


def reminded(state: TaskState, moment: Moment, now: datetime) -> TaskState:
    """A reminder's moment is over."""
    return _passed(state, moment).happened("reminded", now)


def reminded_person(state: TaskState, reminder: PersonalReminder, now: datetime) -> TaskState:
    """A reminder that somebody asked for is over."""
    kept = tuple(each for each in state.reminders if each is not reminder)
    return state.model_copy(update={"reminders": kept}).happened("reminded", now, by=reminder.by)


def escalated(state: TaskState, to: tuple[str, ...], moment: Moment, now: datetime) -> TaskState:
    """More people may decide. Whoever has the task is late: it is free again, and whoever had it
    may claim it again."""
    had = (state.assignee,) if state.assignee and state.is_entrusted else ()
    changed = _passed(state, moment).model_copy(
        update={"candidates": _each_once((*state.candidates, *had, *to)), "assignee": None}
    )
    return changed.happened("escalated", now, text=f"to {', '.join(to)}")


def ended(state: TaskState, outcome: TaskOutcome) -> TaskState:
    """It is over without anybody's message."""
    return state.model_copy(update={"outcome": outcome}).happened(
        outcome.state, outcome.at, by=outcome.by, text=outcome.comment
    )


def _vote(situation: Situation, message: Decide) -> Vote:
    ticket = situation.ticket
    return Vote(
        by=situation.by,
        groups=ticket.grp,
        decision=message.decision,
        at=situation.now,
        comment=message.comment,
        form=message.form,
        seen=message.seen,
        ticket=ticket.jti,
        policy=ticket.pol,
        rules=ticket.rules,
        via=ticket.auth.via,
    )


def _changed(situation: Situation, what: str, text: str = "", **fields: object) -> TaskState:
    changed = situation.state.model_copy(update=fields)
    return changed.happened(what, situation.now, by=situation.by, text=text)


def _passed(state: TaskState, moment: Moment) -> TaskState:
    return state.model_copy(update={"passed": (*state.passed, moment.name)})


def _each_once(words: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(words))
