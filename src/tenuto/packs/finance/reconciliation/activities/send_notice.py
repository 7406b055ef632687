"""One recipient told about breaks that have become too old, as a file or a signed webhook."""

import hashlib
import io

from tenuto.activities.notify.file_drop import drop_file
from tenuto.activities.notify.identity import event_id
from tenuto.activities.notify.webhook import post_webhook
from tenuto.activities.secrets import resolve_secret
from tenuto.catalog import implements
from tenuto.core.canonical import canonical_json
from tenuto.core.errors import UsageError
from tenuto.packs.finance.reconciliation import catalog
from tenuto.packs.finance.reconciliation.cases import Notice
from tenuto.packs.finance.reconciliation.handoffs import NoticeReceipt


@implements(catalog.send_notice)
def send_notice(request: Notice) -> NoticeReceipt:
    """The receipt of a notice that arrived. The same notice again changes nothing: the file is
    there already, or the event id is known. Raises what the channel raises."""
    body = canonical_json(
        {
            "type": f"breaks.{request.step}",
            "rec_id": request.rec_id,
            "idempotency_key": request.idempotency_key,
            "breaks": [each.model_dump(mode="json") for each in request.breaks],
        }
    )
    send = {"file": _drop, "webhook": _post}[request.recipient.channel]
    return NoticeReceipt(recipient=request.recipient.name, detail=send(request, body))


def _drop(request: Notice, body: bytes) -> str:
    return drop_file(
        request.recipient.target,
        f"{request.idempotency_key}.json",
        io.BytesIO(body),
        sha256=hashlib.sha256(body).hexdigest(),
    )


def _post(request: Notice, body: bytes) -> str:
    recipient = request.recipient
    if recipient.secret is None:
        raise UsageError(
            f"The webhook of recipient {recipient.name!r} has no secret to sign with; add "
            "`secret: secret://env/NAME` to the recipient in the rules' `notices`.",
            code="notify.no-secret",
        )
    status = post_webhook(
        recipient.target,
        event_id=event_id(request.idempotency_key),
        body=body,
        secret=resolve_secret(recipient.secret),
    )
    return f"HTTP {status}"
