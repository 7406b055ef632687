"""Step 13: one recipient gets the released pack, as files or as a signed webhook."""

from collections.abc import Callable
from datetime import UTC, datetime

from temporalio import activity

from tenuto.activities.heartbeat import beat
from tenuto.activities.notify.file_drop import drop_file
from tenuto.activities.notify.identity import event_id
from tenuto.activities.notify.webhook import post_webhook
from tenuto.activities.secrets import resolve_secret
from tenuto.artifacts.current import current_store
from tenuto.catalog import implements
from tenuto.core.errors import TenutoError, UsageError
from tenuto.packs.finance.nav import catalog
from tenuto.packs.finance.nav.activities.history import read_result
from tenuto.packs.finance.nav.models import Delivery
from tenuto.packs.finance.nav.release_handoffs import DeliverRequest
from tenuto.packs.finance.nav.report.announcement import announce
from tenuto.packs.finance.nav.report.manifest import files_of


@implements(catalog.deliver)
def deliver(request: DeliverRequest) -> Delivery:
    """The receipt of a copy that arrived.

    Raises what the channel raises, with the number of this attempt in the details: the engine
    tries again what may pass, and gives up on what will not.
    """
    attempt = activity.info().attempt
    recipient = request.recipient
    try:
        detail = _CHANNELS[recipient.channel](request)
    except TenutoError as failure:
        failure.details["attempts"] = attempt
        raise
    return Delivery(
        recipient=recipient.name,
        channel=recipient.channel,
        target=recipient.target,
        outcome="delivered",
        detail=detail,
        attempts=attempt,
        delivered_at=datetime.now(UTC),
    )


def _drop_files(request: DeliverRequest) -> str:
    """Every file under `<target>/<nav id>/`; the URL of the manifest, which comes last."""
    store = current_store()
    url = ""
    for name, reference in files_of(request.pack).items():
        beat(name)
        with store.open(reference) as content:
            url = drop_file(
                request.recipient.target,
                f"{request.nav_id}/{name}",
                content,
                sha256=reference.sha256,
            )
    return url


def _post_webhook(request: DeliverRequest) -> str:
    recipient = request.recipient
    if recipient.secret is None:
        raise UsageError(
            f"the webhook of recipient {recipient.name!r} has no secret to sign with; add "
            "`secret: secret://env/NAME` to the recipient",
            code="notify.no-secret",
        )
    status = post_webhook(
        recipient.target,
        event_id=event_id(request.idempotency_key),
        body=announce(read_result(current_store(), request.pack.json_file), request.pack),
        secret=resolve_secret(recipient.secret),
    )
    return f"HTTP {status}"


_CHANNELS: dict[str, Callable[[DeliverRequest], str]] = {
    "file": _drop_files,
    "webhook": _post_webhook,
}
