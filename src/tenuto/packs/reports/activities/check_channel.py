"""`reports.check_channel`: what sending needs, held against the worker's settings beforehand."""

import os

from tenuto.activities.notify.mode import is_test_mode
from tenuto.activities.notify.put_files import DEFAULT_FOLDER
from tenuto.activities.notify.send_chat import DEFAULT_TARGET
from tenuto.activities.notify.send_email import DEFAULT_TO as EMAIL_TO
from tenuto.activities.notify.send_email import FROM
from tenuto.activities.notify.send_sms import DEFAULT_TO as SMS_TO
from tenuto.activities.notify.sms_providers import PROVIDER, sms_provider
from tenuto.activities.notify.sms_providers import is_configured as has_provider
from tenuto.activities.notify.smtp_server import HOST
from tenuto.activities.notify.smtp_server import is_configured as has_server
from tenuto.activities.secrets import resolve_secret
from tenuto.catalog import implements
from tenuto.catalog.library.notify.audience import Recipient
from tenuto.core.errors import UsageError
from tenuto.packs.reports import catalog
from tenuto.packs.reports.handoffs import ChannelReady, CheckChannelRequest

_DEFAULTS = {
    "email": EMAIL_TO,
    "chat": DEFAULT_TARGET,
    "sms": SMS_TO,
    "file": DEFAULT_FOLDER,
}


@implements(catalog.check_channel)
def check_channel(request: CheckChannelRequest) -> ChannelReady:
    """Nothing is missing. In test mode nothing but the outbox is needed.

    Raises UsageError `reports.channel-not-configured` naming the setting, and what
    `resolve_secret` and `sms_provider` raise.
    """
    if not is_test_mode():
        _refuse_unset(request.channel, request.recipients)
        for each in request.recipients:
            _resolve(each)
    return ChannelReady(channel=request.channel)


def _refuse_unset(channel: str, recipients: tuple[Recipient, ...]) -> None:
    kinds = {each.channel for each in recipients}
    if "email" in kinds and not has_server():
        raise _unset(channel, HOST)
    if "email" in kinds and not os.environ.get(FROM):
        raise _unset(channel, FROM)
    if "sms" in kinds and not has_provider():
        raise _unset(channel, PROVIDER)
    if "sms" in kinds:
        sms_provider()
    for each in recipients:
        default = _DEFAULTS.get(each.channel)
        if not each.target and default and not os.environ.get(default):
            raise _unset(channel, default)


def _resolve(recipient: Recipient) -> None:
    target = recipient.target
    if recipient.channel == "chat":
        resolve_secret(target or f"secret://env/{DEFAULT_TARGET}")
    elif target.startswith("secret://"):
        resolve_secret(target)
    for secret in recipient.secrets:
        resolve_secret(secret)


def _unset(channel: str, setting: str) -> UsageError:
    return UsageError(
        f"A report cannot be sent by {channel}: {setting} is not set on this worker. Set it and "
        "start the worker again.",
        code="reports.channel-not-configured",
        details={"setting": setting},
    )
