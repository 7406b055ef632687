"""Why a reconciliation or its break desk says no, in words that say what to do next."""

from collections.abc import Iterable, Mapping
from decimal import Decimal

from tenuto.core.errors import DataError, PolicyDenied, UsageError
from tenuto.core.people import person
from tenuto.packs.finance.reconciliation.cases import BreakCase
from tenuto.packs.finance.reconciliation.models import ReconciliationRequest

CLOSED = ("RESOLVED", "ACCEPTED")


def no_version(request: ReconciliationRequest) -> UsageError:
    """A run was started around the starter, which assigns versions."""
    return UsageError(
        f"The request for {request.rules.rec_id} on {request.date} has no version; start it with "
        "`tenuto run reconciliation` or the API, which take the first free one, or set `version`.",
        code="reconciliation.no-version",
    )


def late(sides: Iterable[str], request: ReconciliationRequest) -> DataError:
    """A side was not delivered, or not in time."""
    names = ", ".join(f"`{name}`" for name in sides)
    waited = request.rules.on_late == "wait"
    return DataError(
        f"Side {names} of {request.rules.rec_id} on {request.date} was not delivered"
        f"{f' within {request.rules.wait_for}' if waited else ''}; nothing was reconciled. Start "
        "the run again with its file, or set `on_late` to `wait` or, with a prior run or known "
        "movements, to `estimate`.",
        code="reconciliation.side-late",
        details={"sides": list(sides)},
    )


def refuse_source(side: str, missing: Iterable[str]) -> None:
    """Raises UsageError unless the run waits for this side."""
    if side not in missing:
        names = ", ".join(f"`{name}`" for name in missing) or "none"
        raise UsageError(
            f"The run does not wait for side `{side}`; it waits for {names}.",
            code="reconciliation.not-waiting",
        )


def known_case(cases: Mapping[str, BreakCase], break_id: str) -> BreakCase:
    """The case. Raises UsageError when the desk has none of that id."""
    if break_id not in cases:
        raise UsageError(
            f"The desk has no break `{break_id}`; `find` lists the breaks it holds.",
            code="reconciliation.no-such-break",
        )
    return cases[break_id]


def refuse_closed(case: BreakCase) -> None:
    """Raises UsageError when the case is closed."""
    if case.status in CLOSED:
        raise UsageError(
            f"Break {case.break_id} ({case.key}) is {case.status}; reopen it first.",
            code="reconciliation.break-closed",
        )


def refuse_accepting(case: BreakCase, by: str) -> None:
    """Raises UsageError without a proposed resolution, PolicyDenied for its own maker."""
    proposed = case.resolution
    if case.status in CLOSED or proposed is None:
        raise UsageError(
            f"Break {case.break_id} ({case.key}) has no resolution that waits for a second person; "
            "resolve it first.",
            code="reconciliation.nothing-to-accept",
        )
    if person(proposed.by) == person(by):
        raise PolicyDenied(
            f"{by} proposed this resolution of break {case.break_id}; somebody else must accept "
            "it.",
            code="reconciliation.same-person",
        )


def refuse_in_favour_of_task(case: BreakCase, task: str | None) -> None:
    """Raises UsageError: a second person's word is given to the task, so that it is signed."""
    if case.status in CLOSED or case.resolution is None:
        refuse_accepting(case, by="")
    command = f"tenuto tasks approve {task}" if task else "tenuto tasks inbox"
    raise UsageError(
        f"Break {case.break_id} ({case.key}) is closed by deciding its task, not by an update: "
        f"`{command}`, or `reject` with a reason.",
        code="reconciliation.decide-the-task",
        details={"task": task},
    )


def refuse_reopening(case: BreakCase) -> None:
    """Raises UsageError when there is nothing to take back."""
    if case.status not in CLOSED and case.resolution is None:
        raise UsageError(
            f"Break {case.break_id} ({case.key}) is open and nobody proposed to close it; there is "
            "nothing to take back.",
            code="reconciliation.not-closed",
        )


def refuse_full_story(case: BreakCase, most: int) -> None:
    """Raises UsageError when the story has as many lines as the desk can carry."""
    if len(case.story) >= most:
        raise UsageError(
            f"The story of break {case.break_id} has {most} lines, the most it may have; attach "
            "a document instead.",
            code="reconciliation.story-full",
        )


def needs_second_person(amount: Decimal | None, limit: Decimal) -> bool:
    """Whether closing takes two people: above the limit, or of unknown worth."""
    return amount is None or abs(amount) > limit
