"""Which mails monitors may send: to addresses that are free or proved, ten an hour to an address,
a hundred a day for an owner."""

import hashlib
from datetime import timedelta

from temporalio import workflow
from temporalio.exceptions import ActivityError, is_cancelled_exception

from tenuto.catalog.library.notify import catalog
from tenuto.catalog.library.notify.receipts import DeliveryReceipt, Outcome
from tenuto.catalog.library.notify.storms import AdmitRequest, StormRule
from tenuto.packs.monitors.addresses.catalog import may_write
from tenuto.packs.monitors.addresses.models import MayWriteRequest
from tenuto.workflows.notices import idempotency_key

PER_ADDRESS = StormRule(window=timedelta(hours=1), cap=10)
PER_OWNER = StormRule(window=timedelta(days=1), cap=100)

LIMIT = "the limit"
"""How the detail of a receipt begins that a limit refused."""

_MOST_DETAIL = 1000


async def refused(owner: str, address: str, kind: str) -> DeliveryReceipt | None:
    """The receipt of a mail that may not be sent; None where it may.

    `skipped` where the address is neither free nor proved, `failed` where that cannot be known,
    and as `refused_by_limit`.
    """
    asked = MayWriteRequest(owner=owner, address=address)
    try:
        answer = await may_write(asked, summary="may this address be written to?")
    except ActivityError as error:
        if is_cancelled_exception(error):
            raise
        said = str(getattr(error.cause, "message", error.cause))[:_MOST_DETAIL]
        return _unsent(address, "failed", f"nobody knows whether it may be written to: {said}")
    if not answer.is_allowed:
        return _unsent(address, "skipped", answer.why_not)
    return await refused_by_limit(owner, address, kind)


async def refused_by_limit(owner: str, address: str, kind: str) -> DeliveryReceipt | None:
    """The receipt of a mail that is one too many, which is not sent later; None where it may go.

    The counts live in notify's guards, one for the address and one for the owner. A guard that
    cannot be asked lets it go: a mail too many harms less than silence.
    """
    for what, name, rule in (
        ("10 mails an hour to this address", f"address {address.casefold()}", PER_ADDRESS),
        ("100 mails a day for this owner", f"owner {owner}", PER_OWNER),
    ):
        if not await _may(name, rule, kind):
            said = f"{LIMIT} of {what} is reached; this one is not sent later"
            return _unsent(address, "suppressed", said)
    return None


def _unsent(address: str, outcome: Outcome, detail: str) -> DeliveryReceipt:
    return DeliveryReceipt(
        recipient=address, channel="email", outcome=outcome, detail=detail, attempts=0
    )


async def _may(name: str, rule: StormRule, kind: str) -> bool:
    digest = hashlib.sha256(name.encode()).hexdigest()[:24]
    question = AdmitRequest(
        audience=f"monitors/mail/{digest}",
        topic=hashlib.sha256(idempotency_key(kind).encode()).hexdigest(),
        rule=rule,
        idempotency_key=idempotency_key(f"{kind}/{digest}"),
    )
    try:
        admission = await catalog.admit(question, summary="is the mail within the limits?")
    except ActivityError as error:
        if is_cancelled_exception(error):
            raise
        workflow.logger.warning("mail_limits_unknown: %s", error.cause)
        return True
    return admission.decision == "send"
