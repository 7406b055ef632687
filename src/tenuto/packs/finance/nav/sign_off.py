"""What people are asked before a NAV is released: the tasks, and what their answers amount to.

Pure: the moment comes from the caller, and nothing is kept.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from pydantic import JsonValue, TypeAdapter, ValidationError
from temporalio import workflow

from tenuto.catalog.library.notify.audience import Message
from tenuto.catalog.library.tasks.outcome import TaskOutcome
from tenuto.catalog.library.tasks.request import Amount, Escalation, TaskRequest
from tenuto.core.people import Person, person
from tenuto.core.references import Document, Sha256
from tenuto.packs.finance.nav.models import Acceptance, Approval, Changes
from tenuto.packs.finance.nav.parts import Comment
from tenuto.packs.finance.nav.release_handoffs import StagedNav
from tenuto.packs.finance.nav.striking import Struck
from tenuto.packs.finance.sign_off import SignOff, SignOffRoute

SIGN_OFF = "nav.sign-off"
"""Kind of the task that asks whether a result may be released."""
OVERRIDE = "nav.override"
"""Kind of the task that asks whether people's own prices may be released."""

STARTED_BY = "TenutoStartedBy"
"""Memo of a run: who started it, as the gate writes it. Workflow code imports no engine."""

_PERSON: TypeAdapter[str] = TypeAdapter(Person)
_SOONEST = timedelta(seconds=1)
_MOST_WORDS = 2_000
_MOST_COMMENTS = 50


def is_nobody_or_person(name: str) -> bool:
    """Whether `name`, as it was written, is empty or can be compared with who approves."""
    try:
        _PERSON.validate_python(name)
    except ValidationError:
        return not name
    return True


def starter() -> tuple[str, ...]:
    """The person who started this run, as the gate says, whoever the input says prepared it;
    nobody for a program. For workflow code only."""
    by = workflow.memo_value(STARTED_BY, None)
    return (by,) if isinstance(by, str) and by.startswith("u:") else ()


def sign_off_task(
    struck: Struck,
    shown: StagedNav,
    *,
    comments: Sequence[Comment],
    changes: Changes | None,
    prepared_by: str,
    others: Iterable[str],
    deadline: datetime,
    now: datetime,
) -> TaskRequest:
    """Asks whether exactly the result `shown` may be released.

    Whoever prepared it, `others` included, cannot decide. `deadline` is the cut-off, UTC.
    """
    facts = _facts(struck, comments)
    if changes is not None:
        facts["changed"] = [each.model_dump(mode="json") for each in changes.changed]
    return _task(
        struck,
        kind=SIGN_OFF,
        title=f"Release {struck.strike.nav_id}?",
        seen=shown.result.sha256,
        evidence=shown.result,
        shown=facts,
        people=(prepared_by, *others),
        deadline=deadline,
        now=now,
    )


def override_task(
    struck: Struck,
    overridden: Mapping[str, str],
    *,
    part: Decimal | None,
    comments: Sequence[Comment],
    deadline: datetime,
    now: datetime,
) -> TaskRequest:
    """Asks whether a NAV may be released though people priced `part` of it (None: not known).

    `overridden` says of each instrument who priced it; none of them can decide.
    """
    facts = _facts(struck, comments)
    facts["overridden"] = dict(sorted(overridden.items()))
    facts["part_of_nav"] = None if part is None else str(part)
    candidate = struck.checked.candidate
    return _task(
        struck,
        kind=OVERRIDE,
        title=f"Release {struck.strike.nav_id} with prices that people gave?",
        seen=candidate.sha256,
        evidence=candidate,
        shown=facts,
        people=sorted(set(overridden.values())),
        deadline=deadline,
        now=now,
    )


def acceptance_of(outcome: TaskOutcome, result_sha256: Sha256) -> Acceptance:
    """What the released result says of its sign-off: everybody who approved, with what proves it.

    A task without votes, which nobody decided, is nobody's acceptance and never comes here.
    """
    approvals = tuple(
        Approval(
            by=vote.by,
            at=vote.at,
            comment=vote.comment,
            ticket=vote.ticket,
            policy=vote.policy,
            rules=vote.rules,
            via=vote.via,
        )
        for vote in outcome.votes
        if vote.decision == "approve"
    )
    return Acceptance(
        by=", ".join(each.by for each in approvals),
        at=outcome.at,
        result_sha256=result_sha256,
        comment=outcome.comment,
        task_id=outcome.task_id,
        approvals=approvals,
    )


def rejection_message(struck: Struck, outcome: TaskOutcome) -> Message:
    """What whoever prepared a NAV is told when it was rejected."""
    nav_id = struck.strike.nav_id
    return Message(
        subject=f"{nav_id} was rejected"[:250],
        text=(
            f"{outcome.by} rejected {nav_id} at {outcome.at:%Y-%m-%d %H:%M} UTC: "
            f"{outcome.comment}\n\nNothing was released. Correct the inputs and start the NAV "
            f"again.\n\nTask: {outcome.task_id}\n"
        ),
        level="failure",
        type="tenuto.nav.rejected",
        data={
            "nav_id": nav_id,
            "by": outcome.by,
            "at": outcome.at.isoformat(),
            "reason": outcome.comment,
            "task_id": outcome.task_id,
        },
    )


def _task(
    struck: Struck,
    *,
    kind: str,
    title: str,
    seen: Sha256,
    evidence: Document,
    shown: dict[str, JsonValue],
    people: Sequence[str],
    deadline: datetime,
    now: datetime,
) -> TaskRequest:
    fund, date = struck.strike.fund, struck.strike.date
    route = fund.sign_off.route_for(struck.nav)
    preparers = list(dict.fromkeys(person(each) for each in people if each))
    return TaskRequest(
        title=title,
        description=f"{fund.name}, {date}: {struck.nav:,} {fund.base_currency}.",
        kind=kind,
        subject=f"{fund.fund_id} {date} {struck.strike.nav_type}",
        shown=shown,
        seen=seen,
        evidence=(evidence,),
        amount=Amount(value=struck.nav, currency=fund.base_currency),
        risk=route.risk,
        requester=person(people[0]) if people and people[0] else None,
        preparers=tuple(preparers),
        watchers=tuple(preparers),
        need=route.need,
        notify=fund.sign_off.notify,
        **_patience(fund.sign_off, route, deadline - now),
    )


def _patience(rules: SignOff, route: SignOffRoute, left: timedelta) -> dict[str, Any]:
    """Who may decide from when on, and when it ends; `left` may be over for those who escalate."""
    is_over = left <= timedelta(0)
    end = max(left + rules.grace if route.escalate_to else left, _SOONEST)
    given: dict[str, Any] = {
        "candidates": (*route.candidates, *(route.escalate_to if is_over else ())),
        "due": None if is_over else left,
        "remind": tuple(each for each in rules.remind if each < end),
        "expire": end,
        "on_expiry": "fail",
    }
    if route.escalate_to and not is_over:
        given["escalate"] = (Escalation(after=left, to=route.escalate_to),)
    return given


def _facts(struck: Struck, comments: Sequence[Comment]) -> dict[str, JsonValue]:
    broken = [each for each in struck.checked.checks if each.outcome != "pass"]
    return {
        "nav": str(struck.nav),
        "currency": struck.strike.fund.base_currency,
        "nav_per_unit": {
            each.class_id: f"{each.nav_per_unit} {each.currency}"
            for each in struck.measured.classes
        },
        "breaches": [
            {
                "rule": each.rule,
                "subject": each.subject,
                "outcome": each.outcome,
                "value": None if each.value is None else str(each.value),
                "limit": str(each.limit),
                "severity": each.severity,
                "note": each.note,
            }
            for each in broken[:_MOST_COMMENTS]
        ],
        "comments": [
            {"rule": each.rule, "by": each.by, "text": each.text[:_MOST_WORDS]}
            for each in comments[:_MOST_COMMENTS]
        ],
        "carried_prices": [
            {"instrument_id": each.instrument_id, "by": each.by, "reason": each.reason}
            for each in struck.strike.carried[:_MOST_COMMENTS]
        ],
    }
