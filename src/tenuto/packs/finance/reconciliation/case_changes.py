"""What happens to a break at the desk: each function takes a case and returns the changed one.

Pure: the moment comes from the caller, and nothing is kept.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta

from tenuto.packs.finance.reconciliation.cases import (
    ACCEPTING,
    BreakCase,
    CaseStatus,
    ProposedResolution,
    Resolution,
    Step,
    StoryLine,
)
from tenuto.packs.finance.reconciliation.refusals import CLOSED

_ANALYSED: tuple[CaseStatus, ...] = ("DETECTED", "ANALYZING", "ROOT_CAUSE_IDENTIFIED")


def told(case: BreakCase, at: datetime, by: str, what: str) -> BreakCase:
    """The case with one more line in its story."""
    line = StoryLine(at=at, by=by, what=what)
    return case.model_copy(update={"story": (*case.story, line)})


def is_open(case: BreakCase) -> bool:
    """Whether somebody still has to do something about it."""
    return case.status not in CLOSED


def found_again(known: BreakCase | None, found: BreakCase, run_id: str, at: datetime) -> BreakCase:
    """What a run found, merged into what the desk knows: people's work is kept.

    A closed case opens again when its values changed, or when it was said to be fixed and is
    still there. A resolution that waits for a second person lapses when the values changed.
    """
    by = f"run {run_id}"
    if known is None:
        return told(found, at, by, f"found: {found.break_class}, {_values(found)}")
    merged = _with_facts(known, found)
    if known.fingerprint == found.fingerprint:
        if is_open(known) or known.resolution is None:
            return merged if is_open(known) else _opened_again(merged, at, by, "found again")
        if known.resolution.kind in ACCEPTING:
            return merged
        return _opened_again(merged, at, by, f"still found after {known.resolution.kind}")
    if not is_open(known):
        return _opened_again(merged, at, by, f"changed to {_values(found)}")
    merged = told(merged, at, by, f"changed to {_values(found)}")
    if merged.resolution is None:
        return merged
    lapsed = merged.model_copy(update={"resolution": None})
    return told(lapsed, at, by, f"the proposed {merged.resolution.kind} lapsed")


def gone(case: BreakCase, at: datetime, run_id: str, reason: str) -> BreakCase:
    """A run no longer found it."""
    if not is_open(case):
        return case
    closed = case.model_copy(update={"status": "RESOLVED", "closed_at": at})
    return told(closed, at, f"run {run_id}", reason)


def proposed(
    case: BreakCase, kind: Resolution, reason: str, by: str, at: datetime, *, needs_check: bool
) -> BreakCase:
    """A person resolves it: closed at once, or waiting for a second person."""
    resolution = ProposedResolution(kind=kind, reason=reason, by=by, at=at)
    waiting = told(
        case.model_copy(update={"resolution": resolution}),
        at,
        by,
        f"{kind}: {reason}" + (" (waits for a second person)" if needs_check else ""),
    )
    return waiting if needs_check else _closed(waiting, at)


def accepted(case: BreakCase, by: str, at: datetime, *, how: str = "") -> BreakCase:
    """The second person agrees; `how` says what proves it."""
    assert case.resolution is not None  # noqa: S101 (the desk refuses it otherwise)
    checked = case.resolution.model_copy(update={"checker": by})
    return told(
        _closed(case.model_copy(update={"resolution": checked}), at), at, by, f"accepted{how}"
    )


def declined(case: BreakCase, reason: str, by: str, at: datetime) -> BreakCase:
    """The second person does not agree: it stays open, and the resolution lapses."""
    kind = case.resolution.kind if case.resolution else "resolution"
    lapsed = case.model_copy(update={"resolution": None})
    return told(lapsed, at, by, f"{kind} rejected: {reason}")


def reopened(case: BreakCase, reason: str, by: str, at: datetime) -> BreakCase:
    """A person takes a resolution back."""
    return _opened_again(case, at, by, f"reopened: {reason}")


def stepped(case: BreakCase, step: Step, at: datetime, told_to: Sequence[str]) -> BreakCase:
    """Its age has taken it one step further, and these recipients are told."""
    status = "ESCALATED" if step == "escalate" and case.status in _ANALYSED else case.status
    moved = case.model_copy(update={"step": step, "status": status})
    what = "manager notified" if step == "notify" else "escalated"
    return told(moved, at, "desk", f"{what}: {', '.join(told_to) or 'the rules name nobody'}")


def due(case: BreakCase) -> tuple[Step, datetime] | None:
    """The next step of an open case and its moment, or None when there is none left.

    A muted or pending case waits until the end of that day.
    """
    if not is_open(case):
        return None
    if case.step == "watch" and case.notify_at is not None:
        step, at = "notify", case.notify_at
    elif case.step != "escalate" and case.escalate_at is not None:
        step, at = "escalate", case.escalate_at
    else:
        return None
    silent = [day for day in (case.muted_until, case.settle_date) if day is not None]
    moments = [at, *(_end_of(day) for day in silent)]
    return ("notify" if step == "notify" else "escalate"), max(moments)


def _end_of(day: date) -> datetime:
    return datetime.combine(day + timedelta(days=1), time(), tzinfo=UTC)


def _with_facts(known: BreakCase, found: BreakCase) -> BreakCase:
    """The desk's case with the run's facts: what people added stays."""
    facts = (
        "items",
        "key",
        "break_class",
        "category",
        "level",
        "priority",
        "outcome",
        "field",
        "ours",
        "theirs",
        "variance_base",
        "last_seen",
        "settle_date",
        "notify_at",
        "escalate_at",
        "fingerprint",
        "lives",
    )
    return known.model_copy(update={name: getattr(found, name) for name in facts})


def _closed(case: BreakCase, at: datetime) -> BreakCase:
    kind = case.resolution.kind if case.resolution else None
    status = "ACCEPTED" if kind == "ACCEPTED_DIFFERENCE" else "RESOLVED"
    return case.model_copy(update={"status": status, "closed_at": at})


def _opened_again(case: BreakCase, at: datetime, by: str, why: str) -> BreakCase:
    opened = case.model_copy(update={"status": "DETECTED", "resolution": None, "closed_at": None})
    return told(opened, at, by, why)


def _values(case: BreakCase) -> str:
    field = f"{case.field} " if case.field else ""
    return f"{field}`{case.ours}` against `{case.theirs}`"
