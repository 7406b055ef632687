"""Signed webhooks against a real receiver that checks them, and what a sender must never do."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Iterator

import pytest
from pydantic import SecretStr

from tenuto.activities.http_guard import AllowedTargets
from tenuto.activities.notify.webhook import post_webhook, signature
from tenuto.core.errors import DataError, TenutoError, TransientError, UsageError
from tenuto.testing.loopback import Answer, LoopbackServer, Received

KEY = bytes(range(32))
SECRET = SecretStr("whsec_" + base64.b64encode(KEY).decode())
BODY = json.dumps({"type": "nav.released", "fund": "Łódź"}).encode()


def refuse_forgeries(received: Received) -> Answer:
    """What the standard asks of a receiver, written from its text and not from our sender."""
    identifier = received.headers["webhook-id"]
    timestamp = received.headers["webhook-timestamp"]
    if abs(time.time() - int(timestamp)) > 300:
        return Answer(status=400)
    message = f"{identifier}.{timestamp}.".encode() + received.body
    expected = base64.b64encode(hmac.digest(KEY, message, "sha256")).decode()
    candidates = [part.split(",") for part in received.headers["webhook-signature"].split(" ")]
    is_genuine = any(v == "v1" and hmac.compare_digest(s, expected) for v, s in candidates)
    return Answer(status=204 if is_genuine else 401)


@pytest.fixture
def receiver() -> Iterator[LoopbackServer]:
    with LoopbackServer(refuse_forgeries) as server:
        yield server


def post(server: LoopbackServer, secret: SecretStr = SECRET, event_id: str = "msg_1") -> int:
    allowed = AllowedTargets.parse(f"127.0.0.1:{server.port}")
    return post_webhook(
        f"{server.url}/hook", event_id=event_id, body=BODY, secret=secret, allowed=allowed
    )


def test_the_signature_is_that_of_the_published_example() -> None:
    """The example of the Standard Webhooks documentation and of its reference libraries."""
    secret = SecretStr("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    signed = signature("msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}', secret)
    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_receiver_that_checks_accepts_it(receiver: LoopbackServer) -> None:
    assert post(receiver) == 204
    (received,) = receiver.received
    assert (received.method, received.path, received.body) == ("POST", "/hook", BODY)
    assert received.headers["content-type"] == "application/json"
    assert received.headers["webhook-id"] == "msg_1"


def test_another_secret_is_refused_by_the_receiver(receiver: LoopbackServer) -> None:
    other = SecretStr("whsec_" + base64.b64encode(hashlib.sha256(KEY).digest()).decode())
    with pytest.raises(DataError) as refused:
        post(receiver, other)
    assert refused.value.details["status"] == 401


def test_the_id_stays_the_same_over_attempts_and_the_signature_stays_good() -> None:
    answers = iter([500, 503, 204])

    def fails_twice(received: Received) -> Answer:
        genuine = refuse_forgeries(received).status == 204
        return Answer(status=next(answers) if genuine else 401)

    with LoopbackServer(fails_twice) as server:
        for _ in range(2):
            with pytest.raises(TransientError):
                post(server)
        assert post(server) == 204
    assert {each.headers["webhook-id"] for each in server.received} == {"msg_1"}
    assert {each.body for each in server.received} == {BODY}


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_not_followed(status: int, receiver: LoopbackServer) -> None:
    elsewhere = {"location": f"{receiver.url}/hook"}
    moved = LoopbackServer(lambda _: Answer(status=status, headers=elsewhere))
    with moved as server, pytest.raises(DataError) as refused:
        post(server)
    assert refused.value.code == "http.redirected"
    assert receiver.received == []


def test_a_loopback_receiver_must_be_allowed(
    receiver: LoopbackServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TENUTO_HTTP_ALLOW", raising=False)
    with pytest.raises(UsageError, match="TENUTO_HTTP_ALLOW") as refused:
        post_webhook(receiver.url, event_id="msg_1", body=BODY, secret=SECRET)
    assert refused.value.code == "http.address-refused"
    assert receiver.received == []


@pytest.mark.parametrize(
    "url", ["http://hooks.example/nav", "http://10.0.0.1/", "http://127.0.0.1.evil.example/"]
)
def test_plain_http_is_for_loopback_only(url: str) -> None:
    allowed = AllowedTargets.parse("hooks.example:80,10.0.0.1:80,127.0.0.1.evil.example:80")
    with pytest.raises(UsageError) as refused:
        post_webhook(url, event_id="msg_1", body=BODY, secret=SECRET, allowed=allowed)
    assert refused.value.code == "notify.webhook-insecure"


@pytest.mark.parametrize("url", ["ftp://hooks.example/", "file:///tmp/x", "not a url", ""])
def test_a_webhook_needs_a_web_address(url: str) -> None:
    with pytest.raises(UsageError) as refused:
        post_webhook(url, event_id="msg_1", body=BODY, secret=SECRET)
    assert refused.value.code == "http.url-invalid"


@pytest.mark.parametrize(
    "value",
    [
        "hunter2-hunter2-hunter2",
        "whsec_hunter2!",
        "whsec_" + base64.b64encode(b"hunter2").decode(),
        "whsec_" + base64.b64encode(b"hunter2" * 20).decode(),
        "whsec_h\u00fcnter2",
        base64.b64encode(KEY).decode(),
    ],
)
def test_a_secret_in_another_form_is_refused_and_never_shown(
    value: str, receiver: LoopbackServer
) -> None:
    with pytest.raises(UsageError) as refused:
        post(receiver, SecretStr(value))
    assert refused.value.code == "notify.secret-invalid"
    assert value.removeprefix("whsec_") not in f"{refused.value!r} {refused.value.__cause__!r}"
    assert refused.value.__context__ is None  # nor in what the traceback would print
    assert receiver.received == []


@pytest.mark.parametrize("event_id", ["a.b", "two words", "line\nbreak", "\u00fc", ""])
def test_an_ambiguous_event_id_is_refused(event_id: str, receiver: LoopbackServer) -> None:
    with pytest.raises(TenutoError) as refused:
        post(receiver, event_id=event_id)
    assert refused.value.code == "notify.event-id-invalid"
    assert receiver.received == []
