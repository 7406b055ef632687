"""What recipients are told, held against what each channel can carry."""

import json
from typing import Any

from pydantic import JsonValue

from tenuto.activities.notify.sms_text import count_segments
from tenuto.catalog.library.notify.audience import Message
from tenuto.core.errors import DataError
from tenuto.core.references import Document
from tenuto.packs.reports.definition import Report, Text

MOST_SMS_CHARS = 160
_MOST_SUBJECT = 250
_PLAIN = str.maketrans(
    {
        "\u00a0": " ",
        "\u202f": " ",
        "\u2009": " ",
        "\u2019": "'",
        "\u2018": "'",
        "\u201c": '"',
        "\u201d": '"',
        "\u2013": "-",
        "\u2212": "-",
        "\u2026": "...",
    }
)
"""Typography that would make a text message twice as dear and half as long."""


def email(
    report: Report,
    subject: str,
    text: str,
    html: str,
    images: tuple[Document, ...],
    attachments: tuple[Document, ...],
) -> Message:
    """An e-mail. Raises DataError `reports.subject-invalid`."""
    return Message(
        subject=_subject(report, subject),
        text=_present(report, "email", text),
        html=html,
        images=images,
        attachments=attachments,
    )


def chat(report: Report, title: str, text: str) -> Message:
    """A message in a chat service's markup."""
    return Message(
        subject=_subject(report, title),
        text=_present(report, "chat", text.strip()),
        is_markup=True,
    )


def sms(report: Report, template: Text, text: str) -> Message:
    """A text message of one segment. Raises DataError `reports.sms-too-long`."""
    short = _present(report, "sms", " ".join(text.translate(_PLAIN).split()))
    counted = count_segments(short)
    if counted.parts > 1 or len(short) > MOST_SMS_CHARS:
        most = MOST_SMS_CHARS if counted.alphabet == "GSM-7" else 70
        raise DataError(
            f"{template.name}:{template.line}: the text message has {len(short)} characters, and "
            f"one of {counted.alphabet} holds {most}{_dear(short)}; shorten it, for example "
            "`{{ row.name | truncate(20) }}`.",
            code="reports.sms-too-long",
            details={"characters": len(short), "alphabet": counted.alphabet},
        )
    return Message(subject=_subject(report, report.heading), text=short, short=short)


def webhook(report: Report, event: str, data: dict[str, JsonValue]) -> Message:
    """An event for a program."""
    return Message(
        subject=_subject(report, report.heading), text=report.name, type=event, data=data
    )


def files(report: Report, about: str, documents: tuple[Document, ...]) -> Message:
    """Files for somebody to pick up."""
    return Message(
        subject=_subject(report, report.heading),
        text=about or report.name,
        attachments=documents,
    )


def facts_of(template: Text, text: str) -> dict[str, JsonValue]:
    """The JSON object that a template made. Raises DataError `reports.json-invalid`."""
    try:
        found: Any = json.loads(text)
    except ValueError as wrong:
        raise DataError(
            f"{template.name}:{template.line}: the template of the webhook does not make JSON: "
            f"{wrong}; write values with `| tojson`.",
            code="reports.json-invalid",
        ) from wrong
    if not isinstance(found, dict):
        raise DataError(
            f"{template.name}:{template.line}: the template of the webhook makes a "
            f"{type(found).__name__}; expected a JSON object.",
            code="reports.json-invalid",
        )
    return found


def _subject(report: Report, text: str) -> str:
    line = " ".join(text.split())
    if not line or len(line) > _MOST_SUBJECT:
        raise DataError(
            f"The subject of report `{report.name}` has {len(line)} characters; expected 1 to "
            f"{_MOST_SUBJECT}.",
            code="reports.subject-invalid",
        )
    return line


def _present(report: Report, channel: str, text: str) -> str:
    if not text.strip():
        raise DataError(
            f"The template of report `{report.name}` for {channel} makes an empty text; write "
            "what is to be said when there is nothing to say.",
            code="reports.text-empty",
        )
    return text


def _dear(text: str) -> str:
    wide = sorted({each for each in text if count_segments(each).alphabet != "GSM-7"})
    return f" (because of {' '.join(wide[:5])})" if wide else ""
