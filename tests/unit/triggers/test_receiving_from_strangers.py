"""What strangers send: forged, replayed, oversized, nested, and named to confuse."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from receiver_desk import OTHER, SECRET
from tenuto.core.errors import DataError, TenutoError, UsageError
from tenuto.triggers.events.arrivals import Arrival, is_taken, mapped, run_id
from tenuto.triggers.events.cloudevents.reading import event_key, read_events
from tenuto.triggers.events.json_body import read_body
from tenuto.triggers.events.model import Proof, Start
from tenuto.triggers.events.webhooks.proving import (
    BadSignatureError,
    Prover,
    open_prover,
    sign_standard,
)

PROVER = Prover(proof=Proof(secrets=("secret://env/X",)), secrets=(SecretStr(SECRET),))
BODY = b'{"a": 1}'


def now() -> datetime:
    return datetime.now(UTC)


def arrival(data: Any) -> Arrival:
    return Arrival(kind="webhook", trigger="t", event_id="e", data=data, variables={"id": "e"})


def test_a_good_signature_names_the_event() -> None:
    headers = sign_standard(SecretStr(SECRET), "msg_1", BODY, now())
    assert PROVER.event_id(BODY, headers, now()) == "msg_1"
    several = {**headers, "webhook-signature": f"v1,AAAA v1a,x {headers['webhook-signature']}"}
    assert PROVER.event_id(BODY, several, now()) == "msg_1"


@pytest.mark.attack
@pytest.mark.parametrize("shift", [timedelta(minutes=6), timedelta(minutes=-6)])
def test_a_replay_outside_the_tolerance_is_refused(shift: timedelta) -> None:
    headers = sign_standard(SecretStr(SECRET), "msg_1", BODY, now() + shift)
    with pytest.raises(BadSignatureError):
        PROVER.event_id(BODY, headers, now())


@pytest.mark.attack
@pytest.mark.parametrize(
    "changed",
    [
        {"webhook-id": "msg_2"},
        {"webhook-id": ""},
        {"webhook-id": "m\r\nx: y"},
        {"webhook-timestamp": "nan"},
        {"webhook-timestamp": "inf"},
        {"webhook-timestamp": "-1"},
        {"webhook-timestamp": "9" * 400},
        {"webhook-signature": "no comma"},
        {"webhook-signature": "v1,not-base64"},
        {"webhook-signature": "v1,"},
        {"webhook-signature": "v1a,x"},
        {"webhook-signature": ""},
    ],
)
def test_a_changed_header_is_refused(changed: dict[str, str]) -> None:
    headers = {**sign_standard(SecretStr(SECRET), "msg_1", BODY, now()), **changed}
    with pytest.raises(BadSignatureError):
        PROVER.event_id(BODY, headers, now())


@pytest.mark.attack
@pytest.mark.parametrize("body", [BODY + b" ", b"", b"\xff\xfe", b'{"a": 2}'])
def test_another_body_is_refused(body: bytes) -> None:
    headers = sign_standard(SecretStr(SECRET), "msg_1", BODY, now())
    with pytest.raises(BadSignatureError):
        PROVER.event_id(body, headers, now())


@pytest.mark.attack
@given(st.text(max_size=60), st.text(max_size=60), st.text(max_size=200))
def test_no_headers_are_accepted_by_chance(named: str, stamp: str, signature: str) -> None:
    headers = {"webhook-id": named, "webhook-timestamp": stamp, "webhook-signature": signature}
    with pytest.raises(BadSignatureError):
        PROVER.event_id(BODY, headers, now())


@pytest.mark.attack
@pytest.mark.parametrize("secret", ["", "   ", "short", "whsec_", "whsec_AAAA", "whsec_%%%%" * 9])
def test_a_weak_secret_refuses_to_serve(secret: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEAK", secret)
    with pytest.raises(UsageError) as refused:
        open_prover(Proof(secrets=("secret://env/WEAK",)), "t")
    assert refused.value.code in ("secret.missing", "triggers.weak-secret")
    assert len(secret) < 8 or secret not in str(refused.value)


@pytest.mark.attack
@pytest.mark.parametrize(
    "body",
    [
        b"[" * 500_000,
        b'{"a":' * 100_000,
        b"[" * 65 + b"]" * 65,
        b'{"a":1,"a":2}',
        b"NaN",
        b"-Infinity",
        b"1e999",
        b"1" * 5000,
        b'"\\ud800"',
        b'{"\\udfff": 1}',
        b"\xff",
        b"",
        b"[" + b"1," * 100_000 + b"1]",
        "﻿{}".encode("utf-16"),
    ],
)
def test_json_that_others_read_in_another_way_is_refused(body: bytes) -> None:
    with pytest.raises(DataError) as refused:
        read_body(body)
    assert refused.value.code == "triggers.not-json"


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists, max_leaves=9))
def test_what_json_writes_is_read(value: Any) -> None:
    assert read_body(json.dumps(value, ensure_ascii=False).encode()) == value


@pytest.mark.attack
@pytest.mark.parametrize(
    "program",
    [
        "[range(99999999)]",
        "def f: f; f",
        '"a" * 999999999',
        "[recurse]",
        '.x | test("(a+)+$")',
        "input",
        "env",
        "$ENV",
    ],
)
def test_expressions_have_an_end_whatever_they_are_given(program: str) -> None:
    data = {"x": "a" * 5000 + "!", "y": [[["deep"]]] * 50}
    with pytest.raises(DataError) as refused:
        mapped(arrival(data), {"v": f"${{ {program} }}", "w": "${ error }"})
    assert refused.value.code == "triggers.mapping-failed"


@pytest.mark.attack
def test_data_is_never_taken_for_an_expression() -> None:
    hostile = {"name": "${ env }", "${ .x }": 1}
    assert mapped(arrival(hostile), {"n": "${ .name }", "all": "${ . }"}) == {
        "n": "${ env }",
        "all": hostile,
    }


@pytest.mark.attack
@pytest.mark.parametrize(
    "word", ["", "../nav", "a b", "a\n", "a' OR ''='", "x" * 201, "-x", "é", None, True, {}, 1.5]
)
def test_a_sender_reaches_no_run_but_its_triggers_own(word: Any) -> None:
    with pytest.raises(TenutoError) as refused:
        run_id(arrival({"id": word}), Start(run="x", id=".id"))
    assert refused.value.code == "triggers.bad-id"


def test_ids_are_of_the_trigger() -> None:
    assert run_id(arrival({"id": "nav/2026"}), Start(run="x", id=".id")) == "webhook/t/nav/2026"
    assert run_id(arrival({"id": 7}), Start(run="x", id="${ .id }")) == "webhook/t/7"
    assert run_id(arrival({}), Start(run="x")) == run_id(arrival({"other": 1}), Start(run="x"))
    assert is_taken(arrival({"a": 1}), ".a == 1")
    assert not is_taken(arrival({}), ".a")


@pytest.mark.attack
def test_source_and_id_cannot_be_mistaken_for_one_another() -> None:
    def key(source: str, named: str) -> str:
        event = {"specversion": "1.0", "id": named, "source": source, "type": "t"}
        (read,) = read_events("structured", json.dumps(event).encode(), {})
        return event_key(read)

    assert len({key("/a", "b/c"), key("/a/b", "/c"), key("/ab", "/c"), key("/a", "bb/c")}) == 4


@pytest.mark.attack
@pytest.mark.parametrize(
    "headers",
    [
        {"ce-id": "%ff", "ce-source": "/", "ce-type": "t"},
        {"ce-id": "1", "ce-source": "/", "ce-type": "t", "ce-data": "x"},
        {"ce-id": "1", "ce-source": "/", "ce-type": "t", "ce-data_base64": "x"},
        {"ce-id": "1", "ce-source": "/", "ce-type": "t", "ce-bad-name": "x"},
        {"ce-id": "1", "ce-source": "/", "ce-type": "t", "ce-specversion": "0.3"},
        {"ce-id": "1%00", "ce-source": "/", "ce-type": "t"},
    ],
)
def test_odd_binary_events_are_refused(headers: dict[str, str]) -> None:
    with pytest.raises(DataError) as refused:
        read_events("binary", b"{}", headers)
    assert refused.value.code == "triggers.bad-event"


def test_two_secrets_are_both_tried() -> None:
    both = Prover(proof=PROVER.proof, secrets=(SecretStr(OTHER), SecretStr(SECRET)))
    headers = sign_standard(SecretStr(SECRET), "m", BODY, now())
    assert both.event_id(BODY, headers, now()) == "m"
