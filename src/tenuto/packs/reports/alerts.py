"""An alert from within any workflow: rendered, held back if it repeats itself, delivered."""

from collections.abc import Sequence
from typing import Literal

from pydantic import JsonValue

from tenuto.catalog.library.notify.audience import Message, Recipient
from tenuto.catalog.library.notify.receipts import DeliveryReceipt
from tenuto.catalog.library.notify.storms import StormRule
from tenuto.packs.reports import catalog
from tenuto.packs.reports.handoffs import AlertRequest
from tenuto.packs.reports.models import Channel, Level
from tenuto.workflows.notices import deliver_guarded

_LONGEST_TITLE = 200


async def render_alert(
    title: str,
    message: str,
    level: Level,
    details: dict[str, JsonValue],
    source: str,
    channel: Channel,
) -> Message:
    """The alert in the form of `channel`. For workflow code only."""
    request = AlertRequest(
        title=title,
        message=message,
        level=level,
        details=details,
        source=source,
        channel=channel,
    )
    return (await catalog.render_alert(request)).message


async def send_alert(
    recipients: Sequence[Recipient],
    alert: AlertRequest,
    *,
    step: str,
    audience: str,
    state: Literal["raised", "over"] = "raised",
    rule: StormRule | None = None,
) -> tuple[DeliveryReceipt, ...]:
    """One receipt for each recipient; what repeats within the rule's window is `suppressed`, and
    told in one digest. With `state` `over` it goes out as information, its title `Over: ...`, once
    and only if the alert was told.

    For workflow code only. Raises UsageError `notify.recipient-twice`.
    """
    rendered = await catalog.render_alert(alert if state == "raised" else _over(alert))
    return await deliver_guarded(
        recipients,
        rendered.message,
        step=step,
        audience=audience,
        topic=f"{alert.source}: {alert.title}"[:_LONGEST_TITLE],
        recovered=state == "over",
        rule=rule,
    )


def _over(alert: AlertRequest) -> AlertRequest:
    title = f"Over: {alert.title}"[:_LONGEST_TITLE]
    return alert.model_copy(update={"title": title, "level": "info"})
