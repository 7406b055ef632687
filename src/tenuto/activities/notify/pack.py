"""The channels that tell people and programs something, as a pack."""

from tenuto.core.pack import Pack

_LIBRARY = "tenuto.catalog.library.notify"
_BODIES = "tenuto.activities.notify"

pack = Pack(
    name="notify",
    summary="Tell people and programs: e-mail, chat, SMS, webhooks, files; storms held back.",
    catalog=(f"{_LIBRARY}.catalog",),
    workflows=("tenuto.workflows.storm_guard:StormGuard",),
    activities=tuple(
        f"{_BODIES}.{body}"
        for body in (
            "send_email",
            "send_chat",
            "send_sms",
            "send_webhook",
            "put_files",
            "ask_guard",
        )
    ),
    passthrough=(
        f"{_LIBRARY}.receipts",
        f"{_LIBRARY}.requests",
        f"{_LIBRARY}.audience",
        f"{_LIBRARY}.storms",
    ),
    extra="notify",
    needs=("apprise",),
)
