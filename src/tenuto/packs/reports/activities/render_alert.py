"""`reports.render_alert`: an alert in the form of one channel."""

from pydantic import JsonValue

from tenuto.activities.notify.sms_text import count_segments
from tenuto.catalog import implements
from tenuto.catalog.library.notify.audience import Message
from tenuto.packs.reports import catalog
from tenuto.packs.reports.handoffs import AlertRequest, RenderedAlert
from tenuto.packs.reports.models import Channel, Level
from tenuto.packs.reports.rendering.markup import html, markdown, plain, slack

_NOTIFY: dict[Level, str] = {"error": "failure", "warning": "warning", "info": "info"}
_COLOURS: dict[Level, str] = {"error": "#a3241b", "warning": "#9a5b00", "info": "#23527c"}
_BODY = "margin:0;padding:24px;font:15px/1.5 Helvetica,Arial,sans-serif;color:#16213a"
_NAME = "padding:2px 14px 2px 0;color:#5b6478;vertical-align:top"
_ESCAPES = {"slack": slack, "teams": markdown, "chat": markdown}
_MOST_SMS = 160
_MOST_DETAILS = 20
_MOST_CHARS = 500


@implements(catalog.render_alert)
def render(request: AlertRequest) -> RenderedAlert:
    """The alert as a message."""
    return RenderedAlert(
        message=render_alert(
            request.title,
            request.message,
            request.level,
            request.details,
            request.source,
            request.channel,
        )
    )


def render_alert(
    title: str,
    message: str,
    level: Level,
    details: dict[str, JsonValue],
    source: str,
    channel: Channel,
) -> Message:
    """An alert in the form of `channel`: mrkdwn or Markdown for chat, HTML for e-mail, at most
    160 characters for telephones, facts for programs."""
    subject = f"{level.upper()}: {title}"
    facts = _facts(details, source)
    text = "\n".join([message, "", *(f"{name}: {value}" for name, value in facts)]).strip()
    given: dict[str, JsonValue] = {
        "title": title,
        "message": message,
        "level": level,
        "details": details,
        "source": source,
    }
    escape = _ESCAPES.get(channel, plain)
    if channel in _ESCAPES:
        lines = [f"*{escape(name)}:* {escape(value)}" for name, value in facts]
        text = "\n".join([escape(message), "", *lines]).strip()
    return Message.model_validate(
        {
            "subject": subject[:250],
            "text": text or subject,
            "html": _html(title, message, level, facts) if channel == "email" else None,
            "short": _short(
                f"{subject}. {source}: {message}" if source else f"{subject}. {message}"
            ),
            "is_markup": channel in _ESCAPES,
            "level": _NOTIFY[level],
            "type": "tenuto.alert",
            "data": given,
        }
    )


def _facts(details: dict[str, JsonValue], source: str) -> list[tuple[str, str]]:
    facts = [("Source", source)] if source else []
    shown = list(details.items())[:_MOST_DETAILS]
    facts += [(name, "n/a" if value is None else str(value)[:_MOST_CHARS]) for name, value in shown]
    left = len(details) - len(shown)
    return [*facts, ("More", f"and {left} more details")] if left else facts


def _short(text: str) -> str:
    """As much of it as one segment holds."""
    short = " ".join(text.split())[:_MOST_SMS]
    while count_segments(short).parts > 1:
        short = short[:-1]
    return short


def _html(title: str, message: str, level: Level, facts: list[tuple[str, str]]) -> str:
    rows = "".join(
        f'<tr><td style="{_NAME}">{html(name)}</td>'
        f'<td style="padding:2px 0">{html(value)}</td></tr>'
        for name, value in facts
    )
    colour = _COLOURS[level]
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"></head>'
        f'<body style="{_BODY}"><div style="border-left:4px solid {colour};padding:2px 0 2px 16px">'
        f'<div style="font-size:12px;letter-spacing:1px;color:{colour}">{level.upper()}</div>'
        f'<h1 style="font-size:20px;margin:2px 0 10px">{html(title)}</h1>'
        f'<p style="margin:0 0 14px;white-space:pre-line">{html(message)}</p>'
        f'<table role="presentation" style="border-collapse:collapse;font-size:14px">{rows}</table>'
        "</div></body></html>"
    )
