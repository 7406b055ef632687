"""Which chat services may be used, and how a service's URL becomes something that can send.

The library behind this speaks to more than a hundred services, some of which run programs, read
files, or listen on this machine. Only those listed here are let in: each of them does nothing
but HTTP requests, which `tenuto.activities.notify.chat_http` takes over.
"""

import re
from importlib import import_module
from typing import Any
from urllib.parse import unquote

from apprise import AppriseAsset, NotifyBase, PersistentStoreMode
from apprise.exception import AppriseImproperlyConfigured
from pydantic import SecretStr

from tenuto.activities.notify.chat_http import GuardedRequests
from tenuto.core.errors import UsageError

SERVICES = {
    "dingtalk": "dingtalk:NotifyDingTalk",
    "discord": "discord:NotifyDiscord",
    "feishu": "feishu:NotifyFeishu",
    "gchat": "google_chat:NotifyGoogleChat",
    "lark": "lark:NotifyLark",
    "mmost": "mattermost:NotifyMattermost",
    "mmosts": "mattermost:NotifyMattermost",
    "ntfy": "ntfy:NotifyNtfy",
    "ntfys": "ntfy:NotifyNtfy",
    "opsgenie": "opsgenie:NotifyOpsgenie",
    "pagerduty": "pagerduty:NotifyPagerDuty",
    "pover": "pushover:NotifyPushover",
    "slack": "slack:NotifySlack",
    "tgram": "telegram:NotifyTelegram",
    "webex": "webexteams:NotifyWebexTeams",
    "wecombot": "wecombot:NotifyWeComBot",
    "workflows": "workflows:NotifyWorkflows",
    "wxteams": "webexteams:NotifyWebexTeams",
    "zulip": "zulip:NotifyZulip",
}
"""Scheme of the URL -> module and class of the library. `workflows` is Microsoft Teams."""

OPTIONS = frozenset(("blocks", "channel", "mode", "priority", "silent", "to", "thread", "topic"))
"""What may follow the question mark. Others could read files, or switch off checks."""

_DECORATION = {"avatar", "include_image", "include_footer", "include_timestamp"}
"""Somebody else's picture, and a time that would make every attempt differ."""


def chat_service(url: SecretStr) -> NotifyBase:
    """The service behind `url`, ready to send to its one target through the guarded client.

    Raises UsageError `notify.chat-service-refused`, `notify.chat-option-refused`,
    `notify.chat-url-invalid`, `notify.chat-several-targets`; no message repeats the URL.
    """
    text = url.get_secret_value().strip()
    scheme = text.partition("://")[0].lower()
    if scheme not in SERVICES:
        raise UsageError(
            "the chat URL does not begin with a service that may be used (it is not shown, since "
            f"it may be a secret); valid are {'://, '.join(sorted(SERVICES))}://",
            code="notify.chat-service-refused",
        )
    _refuse_options(text)
    service = _built(scheme, text)
    _refuse_several(service, scheme)
    return service


def _built(scheme: str, text: str) -> NotifyBase:
    """The service's own module only is imported: some of the others act when they are."""
    name, _, kind = SERVICES[scheme].partition(":")
    module = import_module(f"apprise.plugins.{name}")
    # Its HTTP, in place of the one it imported.
    vars(module)["requests"] = GuardedRequests
    service: Any = vars(module)[kind]
    asset = AppriseAsset(
        app_id="Tenuto", storage_mode=PersistentStoreMode.MEMORY, http_redirects=False
    )
    try:
        parsed = service.parse_url(text.replace("/#", "/%23"))
        built: NotifyBase | None = (
            service(**{**parsed, **dict.fromkeys(_DECORATION & parsed.keys(), False)}, asset=asset)
            if parsed
            else None
        )
    except AppriseImproperlyConfigured:
        built = None  # its message repeats the secret
    if built is None:
        raise UsageError(
            f"the {scheme}:// URL cannot be read (it is not shown, since it holds a secret); "
            "compare it with https://appriseit.com/services/",
            code="notify.chat-url-invalid",
        )
    return built


def _refuse_options(text: str) -> None:
    names = {unquote(name).lower() for name in re.findall(r"[?&]([^=&?]*)", text)} - {""}
    refused = sorted(names - OPTIONS)
    if refused:
        raise UsageError(
            f"the chat URL has the option(s) {', '.join(refused)}, which may not be used here; "
            f"valid are {', '.join(sorted(OPTIONS))}",
            code="notify.chat-option-refused",
        )


def _refuse_several(service: NotifyBase, scheme: str) -> None:
    if len(service) != 1:
        raise UsageError(
            f"the {scheme}:// URL names {len(service)} targets; name one, and make a recipient "
            "of every other: a retry would repeat what the first has received",
            code="notify.chat-several-targets",
        )
