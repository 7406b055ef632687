"""Checks that fail: counted in a row, told once, and told again when they work."""

import hashlib
from dataclasses import dataclass

from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError

from tenuto.catalog.library.notify.audience import Message, Recipient
from tenuto.catalog.library.notify.receipts import DeliveryReceipt
from tenuto.core.errors import DataError
from tenuto.packs.monitors.mail_limits import LIMIT, refused
from tenuto.packs.monitors.models import Monitor, NoticeKind, NoticeSent
from tenuto.packs.monitors.telling import EMAIL, has_reached
from tenuto.workflows.notices import deliver_guarded

_MOST_CAUSE = 2000


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """Checks that failed in a row before this one."""

    failures: int = 0
    is_told: bool = False
    """Somebody heard of them."""


def failed_before() -> Row:
    """The row that ends in the check before this one, as its failure carries it."""
    failure = workflow.get_last_failure()
    given = failure.details if isinstance(failure, ApplicationError) else ()
    details = given[0] if given and isinstance(given[0], dict) else {}
    failures, is_told = details.get("failures", 1), details.get("is_told", False)
    if failure is None or not isinstance(failures, int):
        return Row()
    return Row(failures=failures, is_told=bool(is_told))


async def fail(monitor: Monitor, row: Row, error: ActivityError, *, is_quiet: bool) -> DataError:
    """The error that the check ends with; whoever is to hear of it was told, if it is time."""
    cause = error.cause
    said = str(getattr(cause, "message", cause))[:_MOST_CAUSE]
    failures = row.failures + 1
    notices: tuple[NoticeSent, ...] = ()
    if not is_quiet and not row.is_told and failures >= monitor.failures_before_alarm:
        notices = await _tell(monitor, "failing", _failing(monitor, failures, said))
    return DataError(
        f"The check of monitor `{monitor.name}` failed: {said}",
        code="monitors.check-failed",
        details={
            "failures": failures,
            "is_told": row.is_told or has_reached(notices) or _is_held(notices),
            "cause": _code_of(cause),
            "notices": [each.model_dump(mode="json") for each in notices],
        },
    )


async def tell_recovered(monitor: Monitor, row: Row) -> tuple[NoticeSent, ...]:
    """Tells whoever was told of failures that checks work again."""
    if not row.is_told:
        return ()
    text = f"After {row.failures} failed checks in a row, monitor `{monitor.name}` works again."
    message = Message(
        subject=_line(f"Monitor works again: {monitor.name}"), text=text, level="success"
    )
    return await _tell(monitor, "recovered", message)


async def _tell(monitor: Monitor, kind: NoticeKind, message: Message) -> tuple[NoticeSent, ...]:
    unsent = {each.name: await _refused(monitor, each, kind) for each in _concerned(monitor)}
    refused_ones = tuple(
        NoticeSent(kind=kind, receipt=each.model_copy(update={"recipient": name}))
        for name, each in unsent.items()
        if each is not None
    )
    recipients = tuple(each for each in _concerned(monitor) if unsent[each.name] is None)
    if not recipients:
        return refused_ones
    receipts = await deliver_guarded(
        recipients,
        message,
        step=kind,
        audience=_audience(recipients),
        topic=f"checks of {monitor.id} fail",
        recovered=kind == "recovered",
    )
    return (*refused_ones, *(NoticeSent(kind=kind, receipt=receipt) for receipt in receipts))


async def _refused(
    monitor: Monitor, recipient: Recipient, kind: NoticeKind
) -> DeliveryReceipt | None:
    """Why a mail to the recipient may not be sent; the worker's own default may always be."""
    if recipient.channel != "email" or not recipient.target:
        return None
    return await refused(monitor.owner, recipient.target, f"{kind}/{recipient.name}")


def _concerned(monitor: Monitor) -> tuple[Recipient, ...]:
    if monitor.on_failure or monitor.email is None:
        return monitor.on_failure
    return (Recipient(name=EMAIL, channel="email", target=monitor.email),)


def _audience(recipients: tuple[Recipient, ...]) -> str:
    """Who hears of many monitors shares one guard: a provider that is down is one storm."""
    targets = "\n".join(sorted(f"{each.channel} {each.target}" for each in recipients))
    return f"monitors/{hashlib.sha256(targets.encode()).hexdigest()[:16]}"


def _failing(monitor: Monitor, failures: int, said: str) -> Message:
    times = "The last check" if failures == 1 else f"The last {failures} checks"
    text = (
        f"{times} of monitor `{monitor.name}` failed, so it would not notice that its condition is"
        f" met.\n\n{said}\n\nIt goes on trying ({monitor.schedule}). You are told when it works"
        f" again. All checks: tenuto monitor history {monitor.id}"
    )
    return Message(subject=_line(f"Monitor fails: {monitor.name}"), text=text, level="failure")


def _is_held(notices: tuple[NoticeSent, ...]) -> bool:
    """Whether the guard will tell it in its digest. What a limit refused nobody hears of, so the
    next check that fails tells it."""
    held = [each for each in notices if each.receipt.outcome == "suppressed"]
    return not all(each.receipt.detail.startswith(LIMIT) for each in held)


def _code_of(cause: BaseException | None) -> str:
    given = cause.details if isinstance(cause, ApplicationError) else ()
    details = given[0] if given and isinstance(given[0], dict) else {}
    return str(details.get("code", type(cause).__name__))


def _line(text: str) -> str:
    return " ".join(text.split())[:250]
