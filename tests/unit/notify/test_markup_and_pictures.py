"""What reports need of channels: pictures in HTML, a service's own markup, one short text."""

import json
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

import pytest
from apprise.plugins.slack import NotifySlack

from tenuto.activities.notify.mime import Attachment, write_email
from tenuto.activities.notify.send_chat import chat
from tenuto.catalog.library.notify.audience import Message, Recipient
from tenuto.catalog.library.notify.requests import ChatRequest, EmailRequest, SmsRequest
from tenuto.core.errors import DataError
from tenuto.testing.loopback import Answer, LoopbackServer
from tenuto.workflows.channels import ask

pytestmark = pytest.mark.usefixtures("no_settings")


def written(name: str) -> bytes:
    request = EmailRequest(
        to=("a@x.example",),
        subject="s",
        text="plain",
        html='<img src="cid:chart.png">',
        idempotency_key="k",
    )
    return write_email(
        request,
        sender="d@x.example",
        to=request.to,
        attachments=[Attachment(name="a.pdf", media_type="application/pdf", content=b"%PDF")],
        images=[Attachment(name=name, media_type="image/png", content=b"\x89PNG")],
        moment=None,
    )


def test_a_picture_stands_beside_the_html_and_is_no_attachment() -> None:
    message = message_from_bytes(written("chart.png"), policy=default)
    assert isinstance(message, EmailMessage)
    assert written("chart.png") == written("chart.png")
    kinds = [part.get_content_type() for part in message.walk()]
    assert kinds == [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "multipart/related",
        "text/html",
        "image/png",
        "application/pdf",
    ]
    (picture,) = [part for part in message.walk() if part.get_content_type() == "image/png"]
    assert picture["Content-ID"] == "<chart.png>"
    assert picture.get_content_disposition() == "inline"


def test_a_picture_with_a_name_that_html_cannot_say_is_refused() -> None:
    with pytest.raises(DataError, match="cannot be named in HTML"):
        written('a"><script>.png')


def test_markup_reaches_slack_as_it_is_and_plain_text_does_not_become_any(
    run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with LoopbackServer(lambda _: Answer(body=b"ok")) as server:
        monkeypatch.setenv("TENUTO_HTTP_ALLOW", f"127.0.0.1:{server.port}")
        monkeypatch.setattr(NotifySlack, "webhook_url", f"{server.url}/services")
        monkeypatch.setenv("DESK", "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7V")
        text = "*bold* _it_ &lt;b&gt; <https://x.example|link> <!channel> a_b_c"
        for is_markup in (True, False):
            request = ChatRequest(
                target="secret://env/DESK",
                title="t",
                text=text,
                is_markup=is_markup,
                idempotency_key="k",
            )
            run(chat, request)
    marked, plain = (json.loads(each.body) for each in server.received)
    said = marked["attachments"][0]["text"]
    assert said.startswith("*bold* _it_ &lt;b&gt; <https://x.example|link> <\u200b!channel> a_b_c")
    assert marked["mrkdwn"] is True
    assert plain["mrkdwn"] is False
    assert "&amp;lt;b&amp;gt;" in plain["attachments"][0]["text"]


def test_a_short_text_goes_to_telephones_in_place_of_the_long_one() -> None:
    message = Message(subject="Spend", text="A long text.", short="Spend $5")
    to = Recipient(name="Ann", channel="sms", target="+442079460000")
    request = ask(to, message, "k", datetime(2024, 1, 1, tzinfo=UTC))
    assert isinstance(request, SmsRequest)
    assert request.text == "Spend $5"
