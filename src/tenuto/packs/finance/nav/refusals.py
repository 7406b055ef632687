"""Why a Daily NAV says no, in words that say what to do next."""

from collections.abc import Iterable
from datetime import datetime

from temporalio.exceptions import (
    ActivityError,
    ApplicationError,
    ChildWorkflowError,
    FailureError,
)

from tenuto.catalog.library.tasks.outcome import TaskOutcome
from tenuto.core.errors import DataError, UsageError
from tenuto.core.people import person
from tenuto.packs.finance.models import Recipient
from tenuto.packs.finance.nav.handoffs import InputReport, MissingPrice, OpenBreach
from tenuto.packs.finance.nav.messages import AcceptNav, CarryPrior, RejectNav, ReviseInputs
from tenuto.packs.finance.nav.models import DailyNavRequest, Delivery
from tenuto.packs.finance.nav.parts import Comment
from tenuto.packs.finance.nav.release_handoffs import StagedNav
from tenuto.packs.finance.words import details, lines, moment, names


def no_version(request: DailyNavRequest) -> UsageError:
    """A run was started around the starter, which assigns versions."""
    return UsageError(
        f"The request for {request.fund.fund_id} on {request.date} has no version; start it with "
        "`tenuto run daily-nav` or the API, which take the first free one, or set `version`.",
        code="nav.no-version",
    )


def invalid_inputs(report: InputReport) -> DataError:
    """The inputs cannot be struck from; the message has the first problems, `details` more."""
    return DataError(
        f"The inputs have {report.count} problem(s); nothing was released:\n"
        + lines(report.problems, report.count),
        code="nav.input-invalid",
        details=details(report.problems, report.count, report.all_problems),
    )


def refuse_carrying(decision: CarryPrior, missing: tuple[MissingPrice, ...]) -> None:
    """Raises UsageError unless every named instrument is waited for and has an earlier price."""
    refuse_supplying(missing)
    known = {each.instrument_id: each.last_known for each in missing}
    others = sorted(set(decision.instrument_ids) - set(known))
    if others:
        raise UsageError(
            f"{names(others)} is not missing a price; name one of {names(known)}.",
            code="nav.not-missing",
        )
    without = [name for name in decision.instrument_ids if known[name] is None]
    if without:
        raise UsageError(
            f"{names(without)} has no earlier price that could be carried; supply one with "
            "`supply_prices`.",
            code="nav.nothing-to-carry",
        )


def refuse_supplying(missing: tuple[MissingPrice, ...]) -> None:
    """Raises UsageError unless the run waits for prices."""
    if not missing:
        raise UsageError(
            "The run does not wait for prices; `progress` says what it does.",
            code="nav.not-waiting",
        )


def not_supplied(missing: tuple[MissingPrice, ...], until: datetime | None) -> DataError:
    """Nobody supplied or carried the missing prices in time."""
    missed = [each.instrument_id for each in missing]
    return DataError(
        f"No price for {names(missed)} was supplied or carried until {moment(until)}; nothing "
        "was released. Start the NAV again with complete prices.",
        code="nav.price-wait-expired",
        details={"instrument_ids": missed},
    )


def refuse_comment(
    comment: Comment, breaches: tuple[OpenBreach, ...], comments: tuple[Comment, ...]
) -> None:
    """Raises UsageError unless the rule waits for a comment and this person has given none."""
    if not breaches:
        raise UsageError(
            "The run does not wait for comments; `progress` says what it does.",
            code="nav.not-waiting",
        )
    rules = [each.rule for each in breaches]
    if comment.rule not in rules:
        raise UsageError(
            f"No open breach of `{comment.rule}`; open are {names(rules)}.",
            code="nav.no-such-breach",
        )
    if not comment.text.strip() or not comment.by.strip():
        raise UsageError(
            "A comment needs words and a name; both are shown in the NAV pack.",
            code="nav.empty-comment",
        )
    if person(comment.by) in _people(comment.rule, comments):
        raise UsageError(
            f"{comment.by} has already commented on `{comment.rule}`; it needs two different "
            "people, so somebody else must comment.",
            code="nav.same-person",
        )


def still_open(
    breaches: Iterable[OpenBreach], comments: tuple[Comment, ...]
) -> tuple[OpenBreach, ...]:
    """The breaches that fewer different people have commented than they need."""
    return tuple(each for each in breaches if len(_people(each.rule, comments)) < each.people)


def not_commented(breaches: tuple[OpenBreach, ...], until: datetime | None) -> DataError:
    """Nobody answered the breaches in time."""
    rules = [each.rule for each in breaches]
    return DataError(
        f"Nobody answered the breach of {names(rules)} until {moment(until)}; nothing was "
        "released. Correct the inputs or comment in time, and start the NAV again.",
        code="nav.breach-not-commented",
        details={"breaches": [each.model_dump(mode="json") for each in breaches]},
    )


def child_failed(failed: ChildWorkflowError, run_id: str, *, code: str) -> DataError:
    """A run that this NAV depends on did not finish."""
    cause: BaseException = failed
    while isinstance(cause, FailureError) and cause.cause is not None:
        cause = cause.cause
    return DataError(
        f"`{run_id}` did not finish, and the NAV needs it: {getattr(cause, 'message', cause)} "
        f"`tenuto show {run_id}` has the whole story.",
        code=code,
        details={"run_id": run_id},
    )


def refuse_unless_awaited(awaited: StagedNav | None) -> StagedNav:
    """The result that waits for sign-off. Raises UsageError when none does."""
    if awaited is None:
        raise UsageError(
            "The run does not wait for sign-off; `progress` says what it does.",
            code="nav.not-waiting",
        )
    return awaited


def refuse_acceptance(
    acceptance: AcceptNav,
    awaited: StagedNav | None,
    breaches: tuple[OpenBreach, ...],
    preparers: Iterable[str],
) -> None:
    """Raises UsageError unless this person may accept this result now."""
    shown = refuse_unless_awaited(awaited)
    if acceptance.result_sha256 != shown.result.sha256:
        raise UsageError(
            f"The result has changed since: {acceptance.result_sha256[:12]} was accepted, and "
            f"{shown.result.sha256[:12]} is shown now. `changes` in `progress` says what is "
            "different; accept the new one if it is right.",
            code="nav.result-changed",
            details={"shown": shown.result.sha256},
        )
    if person(acceptance.by) in {person(each) for each in preparers if each}:
        raise UsageError(
            f"{acceptance.by} prepared this NAV, so somebody else must accept it.",
            code="nav.same-person",
        )
    if breaches:
        raise UsageError(
            f"{names(each.rule for each in breaches)} still needs a comment before the NAV can "
            "be accepted.",
            code="nav.breach-open",
        )


def refuse_unknown_inputs(revision: ReviseInputs, known: tuple[str, ...]) -> None:
    """Raises UsageError for an input that a strike does not have."""
    unknown = sorted(set(revision.inputs) - set(known))
    if unknown:
        raise UsageError(
            f"A strike has no input {names(unknown)}; valid are {', '.join(known)}.",
            code="nav.unknown-input",
        )


def refuse_in_favour_of_task(task: str | None) -> None:
    """Raises UsageError: this run is decided by its task, so that every word is signed."""
    command = f"tenuto tasks approve {task}" if task else "tenuto tasks inbox"
    raise UsageError(
        f"This NAV is signed off by deciding its task{f' `{task}`' if task else ''}, not by an "
        f"update: `{command}`, or `reject` with a reason.",
        code="nav.decide-the-task",
        details={"task": task},
    )


def unknown_preparer(name: str) -> UsageError:
    """`prepared_by` is nobody who could be kept from approving."""
    return UsageError(
        f"`prepared_by` is `{name[:100]}`, expected a person's name, for example `u:ann`; whoever "
        "prepared a NAV may not sign it off, so it has to be known who that is.",
        code="nav.unknown-preparer",
    )


def rejected_by_task(outcome: TaskOutcome, *, code: str) -> DataError:
    """People said no."""
    return DataError(
        f"{outcome.by} rejected the NAV at {moment(outcome.at)}: {_said(outcome.comment)} Nothing "
        "was released; correct the inputs and start the NAV again.",
        code=code,
        details={
            "outcome": "REJECTED",
            "by": outcome.by,
            "at": outcome.at.isoformat(),
            "reason": outcome.comment,
            "task": outcome.task_id,
        },
    )


def _said(words: str) -> str:
    """What somebody gave as a reason, as a sentence that another one follows."""
    said = words.strip() or "no reason given"
    return said if said.endswith((".", "!", "?")) else f"{said}."


def task_cancelled(outcome: TaskOutcome) -> DataError:
    """An administrator took the task back."""
    return DataError(
        f"{outcome.by} cancelled task `{outcome.task_id}`: {_said(outcome.comment)} Nothing was "
        "released; start the NAV again.",
        code="nav.sign-off-cancelled",
        details={"by": outcome.by, "reason": outcome.comment, "task": outcome.task_id},
    )


def override_not_decided(until: datetime | None) -> DataError:
    """Nobody agreed in time to prices that people gave."""
    return DataError(
        f"Nobody decided until {moment(until)} whether the prices that people gave may be "
        "released; nothing was. Start the NAV again when somebody can.",
        code="nav.override-not-decided",
    )


def rejected(rejection: RejectNav) -> DataError:
    """A person said no."""
    return DataError(
        f"{rejection.by} rejected the NAV: {_said(rejection.reason)} Nothing was released; "
        "correct the inputs and start the NAV again.",
        code="nav.rejected",
        details=rejection.model_dump(mode="json"),
    )


def not_accepted(shown: StagedNav, until: datetime | None) -> DataError:
    """Nobody signed the result off in time."""
    return DataError(
        f"Nobody accepted {shown.name} until {moment(until)}; nothing was released. Start the "
        "NAV again when somebody can sign it off.",
        code="nav.not-accepted",
        details={"result_sha256": shown.result.sha256},
    )


def undelivered(recipient: Recipient, failed: ActivityError, *, attempts: int) -> Delivery:
    """The record of a copy that could not be handed out.

    `attempts` is how often it would have been tried; a failure that ended earlier says so.
    """
    cause = failed.cause
    told = cause.details[0] if isinstance(cause, ApplicationError) and cause.details else {}
    if isinstance(told, dict):
        attempts = told.get("attempts", attempts)
    return Delivery(
        recipient=recipient.name,
        channel=recipient.channel,
        target=recipient.target,
        outcome="failed",
        detail=str(getattr(cause, "message", cause)),
        attempts=attempts,
        delivered_at=None,
    )


def _people(rule: str, comments: tuple[Comment, ...]) -> set[str]:
    return {person(each.by) for each in comments if each.rule == rule}
