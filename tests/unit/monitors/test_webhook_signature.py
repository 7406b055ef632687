"""Signature vectors, and everything that a receiver has to refuse."""

import hashlib
import hmac
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenuto.core.errors import DataError, TenutoError, UsageError
from tenuto.packs.monitors.webhooks.signature import signature, verify_webhook

BODY = b'{"id":"evt_1","object":"event"}'
SECRET = "k" * 43
OLD = "o" * 43
NOW = 1_800_000_000


def headers(value: str) -> dict[str, str]:
    return {"X-Tenuto-Signature": value}


def refused(body: bytes, given: dict[str, str], secrets: Any = SECRET, now: float = NOW) -> str:
    with pytest.raises(DataError) as raised:
        verify_webhook(body, given, secrets, now=now)
    return raised.value.code


def test_tor_15_the_signature_is_that_of_the_row() -> None:
    digest = hmac.new(SECRET.encode(), b"%d." % NOW + BODY, hashlib.sha256).hexdigest()
    assert signature(BODY, NOW, [SECRET]) == f"t={NOW},v1={digest}"
    # A constant of its own, so that both halves cannot go wrong together.
    assert signature(b"{}", 1, ["secret"]) == (
        "t=1,v1=" + hmac.digest(b"secret", b"1.{}", "sha256").hex()
    )


@pytest.mark.parametrize("age_s", [-300, 0, 300])
def test_tor_15_a_message_of_five_minutes_is_taken(age_s: int) -> None:
    event = verify_webhook(
        BODY, headers(signature(BODY, NOW, [SECRET])), SECRET, now=float(NOW + age_s)
    )
    assert event == json.loads(BODY)


@pytest.mark.attack
@pytest.mark.parametrize("age_s", [301, -301, 10**9])
def test_tor_15_a_replay_after_301_seconds_is_refused(age_s: int) -> None:
    sent = headers(signature(BODY, NOW, [SECRET]))
    assert refused(BODY, sent, now=NOW + age_s) == "monitors.signature-old"


@pytest.mark.attack
def test_tor_15_tampering_is_refused() -> None:
    sent = signature(BODY, NOW, [SECRET])
    assert refused(BODY + b" ", headers(sent)) == "monitors.signature-wrong"
    later = sent.replace(f"t={NOW}", f"t={NOW + 1}")
    assert refused(BODY, headers(later)) == "monitors.signature-wrong"
    assert refused(BODY, headers(signature(BODY, NOW, [OLD]))) == "monitors.signature-wrong"
    twice = f"t={NOW - 9},{sent}"
    assert refused(BODY, headers(twice)) == "monitors.signature-unreadable"


def test_tor_15_during_rotation_either_secret_fits() -> None:
    both = headers(signature(BODY, NOW, [SECRET, OLD]))
    assert both["X-Tenuto-Signature"].count("v1=") == 2
    for known in (SECRET, OLD, [OLD, "another"], [SECRET, OLD]):
        assert verify_webhook(BODY, both, known, now=NOW)["id"] == "evt_1"
    assert refused(BODY, both, "another") == "monitors.signature-wrong"


@pytest.mark.attack
@pytest.mark.parametrize(
    "value",
    ["", "t=", "t=1", "v1=00", f"t={NOW},v1=", f"t={NOW},v1={'é' * 64}", "t=-1,v1=" + "0" * 64],
)
def test_a_header_that_is_none_is_refused(value: str) -> None:
    assert refused(BODY, headers(value)) == "monitors.signature-unreadable"


def test_a_receiver_without_header_or_secret_takes_nothing() -> None:
    assert refused(BODY, {}) == "monitors.signature-missing"
    for nothing in ("", [], [""], ["a", ""]):
        with pytest.raises(UsageError, match="no secret"):
            verify_webhook(BODY, headers(signature(BODY, NOW, [""])), nothing, now=NOW)


def test_header_names_come_in_any_case() -> None:
    sent = {"x-tenuto-signature": signature(BODY, NOW, [SECRET])}
    assert verify_webhook(BODY, sent, SECRET, now=NOW)["object"] == "event"


@given(st.binary(max_size=300), st.text(max_size=300))
def test_garbage_is_refused_with_an_error_of_ours(body: bytes, value: str) -> None:
    with pytest.raises(TenutoError):
        verify_webhook(body, headers(value), SECRET, now=NOW)


@given(st.binary(max_size=100).filter(lambda body: not body.startswith(b"{")))
def test_a_signed_body_that_is_no_event_is_refused(body: bytes) -> None:
    sent = headers(signature(body, NOW, [SECRET]))
    assert refused(body, sent) == "monitors.event-unreadable"
