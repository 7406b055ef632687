"""`reports.open`: the report and its files, pinned, so that a later edit changes nothing."""

from typing import Any

from tenuto.artifacts.current import current_store
from tenuto.artifacts.store import ArtifactStore
from tenuto.catalog import implements
from tenuto.catalog.library.notify.audience import Recipient
from tenuto.catalog.library.notify.receipts import Channel as NotifyChannel
from tenuto.catalog.library.notify.storms import StormRule
from tenuto.core.errors import UsageError
from tenuto.core.references import Document
from tenuto.engine.project import current_settings
from tenuto.engine.settings import Settings
from tenuto.packs.reports import catalog
from tenuto.packs.reports.definition import Bundle, Guard, Report
from tenuto.packs.reports.handoffs import Opened, OpenRequest, StormGuarding
from tenuto.packs.reports.models import Channel
from tenuto.packs.reports.parameters import merged
from tenuto.packs.reports.reading import read_report
from tenuto.packs.reports.zones import zone_of

_NOTIFY: dict[Channel, NotifyChannel] = {
    "email": "email",
    "slack": "chat",
    "teams": "chat",
    "chat": "chat",
    "sms": "sms",
    "webhook": "webhook",
    "file": "file",
}


@implements(catalog.open_report)
def open_report(request: OpenRequest) -> Opened:
    """The report as it is now.

    Raises what `read_report` and `merged` raise, and UsageError `reports.no-template`,
    `reports.no-recipient`.
    """
    settings, asked = current_settings(), request.request
    bundle = read_report(settings, asked.report_name)
    report = bundle.report
    channels = _channels(report, asked.channel)
    zone = zone_of(bundle.time_zone)
    assert zone is not None  # noqa: S101 (checked on reading)
    return Opened(
        bundle=keep(bundle, current_store()),
        params=merged(report, asked.params, request.due, zone),
        channels=channels,
        recipients={each: recipients_of(report, each, settings) for each in channels},
        guards={each: _guarding(report, each) for each in channels if report.guard != "off"},
    )


def keep(bundle: Bundle, store: ArtifactStore) -> Document:
    """The bundle in the store."""
    said = bundle.model_dump(mode="json", by_alias=True)
    return store.put_json(said, name=f"{bundle.report.name}.json")


def kept(document: Document, store: ArtifactStore) -> Bundle:
    """The bundle that `keep` stored."""
    return Bundle.model_validate(store.get_json(document))


def recipients_of(report: Report, channel: Channel, settings: Settings) -> tuple[Recipient, ...]:
    """Those of the report, or of the project, or whoever the worker's settings name.

    Raises UsageError `reports.no-recipient` for a webhook that nobody takes.
    """
    own = report.recipients.get(channel, ())
    named = _NOTIFY[channel]
    if own:
        return tuple(_recipient(report, channel, each) for each in own)
    shared = tuple(each for each in settings.reports.recipients if each.channel == named)
    if shared:
        return shared
    if named == "webhook":
        raise UsageError(
            f"Report `{report.name}` has a template for webhooks and no recipient; name one under "
            "`recipients: {webhook: [{name: ..., target: https://..., secrets: [...]}]}`.",
            code="reports.no-recipient",
        )
    return (Recipient(name="(default)", channel=named),)


def _recipient(report: Report, channel: Channel, given: Any) -> Recipient:
    try:
        return Recipient(
            name=given.name, channel=_NOTIFY[channel], target=given.target, secrets=given.secrets
        )
    except ValueError as wrong:
        said = str(getattr(wrong, "errors", list)()[0]["msg"]).removeprefix("Value error, ")
        raise UsageError(
            f"Report `{report.name}`, recipients of {channel}: {said}.",
            code="reports.no-recipient",
        ) from None  # it repeats what may be a secret


def _channels(report: Report, wanted: Any) -> tuple[Channel, ...]:
    known = report.templates.channels
    if wanted == "all":
        return known
    if wanted not in known:
        raise UsageError(
            f"Report `{report.name}` has no template for `{wanted}`; it has one for "
            f"{', '.join(known)}.",
            code="reports.no-template",
        )
    return (wanted,)


def _guarding(report: Report, channel: Channel) -> StormGuarding:
    guard = report.guard if isinstance(report.guard, Guard) else Guard()
    return StormGuarding(
        audience=guard.audience or f"reports/{report.name}/{channel}",
        rule=StormRule(window=guard.window, cap=guard.cap),
    )
