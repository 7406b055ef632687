"""Secrets go where their author sent them, and are in nothing that a call leaves behind."""

import base64
import json
import logging
import traceback
from collections.abc import Callable
from typing import Any

import pytest
from temporalio.api.failure.v1 import Failure
from temporalio.converter import PayloadConverter

from definition_calls import answering, problem_of
from tenuto.activities.definitions.call_http import call_http
from tenuto.catalog.library.definitions.http import HttpCall
from tenuto.core.errors import NotFoundError, TenutoError, UsageError
from tenuto.engine.converter import TenutoFailureConverter
from tenuto.testing.loopback import Answer, LoopbackServer, Received

Asked = Callable[..., Any]
SECRET = 's3cr3t/"7f"&21c0'
REFERENCE = "secret://env/BANK_KEY"
JSON = {"content-type": "application/json"}


@pytest.fixture(autouse=True)
def secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BANK_KEY", SECRET)
    monkeypatch.setenv("BANK_TOKEN", SECRET)
    monkeypatch.setenv("BANK_USERNAME", "desk")
    monkeypatch.setenv("BANK_PASSWORD", SECRET)


def echo(request: Received) -> Answer:
    """Says all it was sent, as careless servers do."""
    told = {"path": request.path, "headers": dict(request.headers), "body": request.body.decode()}
    headers = {**JSON, "X-Echo": request.headers.get("x-key", ""), "Set-Cookie": f"s={SECRET}"}
    return Answer(headers=headers, body=json.dumps(told).encode())


def everywhere(server: LoopbackServer, **more: Any) -> HttpCall:
    """A call with secrets in a header, the query, the body, and its authentication."""
    return HttpCall.model_validate(
        {
            "method": "post",
            "endpoint": {"uri": server.url, "authentication": {"bearer": {"use": "bank"}}},
            "headers": {"X-Key": REFERENCE},
            "query": {"key": REFERENCE},
            "body": {"deep": [{"key": REFERENCE}], "note": "plain"},
            "secrets": ["/headers/X-Key", "/query/key", "/body/deep/0/key"],
            **more,
        }
    )


def test_secrets_are_sent_where_they_are_listed(attempt: Any) -> None:
    monkeys = SECRET.replace('"', "")
    with LoopbackServer(echo) as server:
        attempt.allow(server)
        call = everywhere(server, endpoint=server.url)
        attempt(call_http, call)
    (received,) = server.received
    assert received.headers["x-key"] == SECRET
    assert json.loads(received.body)["deep"] == [{"key": SECRET}]
    assert monkeys.partition("/")[0] in received.path


@pytest.mark.parametrize("output", ["content", "raw", "response"])
def test_no_secret_is_in_the_result_or_the_logs(
    output: str, attempt: Any, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BANK_TOKEN", "t0ken-4711")
    caplog.set_level(logging.INFO)
    with LoopbackServer(echo) as server:
        attempt.allow(server)
        result = attempt(call_http, everywhere(server, output=output)).root
    told = json.dumps(result) + caplog.text + str(attempt.beats)
    if output == "raw":
        told += base64.b64decode(result).decode()
    assert server.received[0].headers["authorization"] == "Bearer t0ken-4711"
    for secret in (SECRET, json.dumps(SECRET)[1:-1], "s3cr3t", "t0ken-4711"):
        assert secret not in told
    assert "***" in told


def test_the_credentials_of_a_request_are_masked_whoever_they_came_from(ask: Asked) -> None:
    with answering(headers={**JSON, "Set-Cookie": "session=abc"}, body=b"{}") as server:
        response = ask(
            server,
            headers={"Cookie": "session=abc", "Proxy-Authorization": "x"},
            authentication={"basic": {"username": "ann", "password": "plain words"}},
            output="response",
        )
    sent = response["request"]["headers"]
    assert sent["authorization"] == sent["cookie"] == sent["proxy-authorization"] == "***"
    assert response["headers"]["set-cookie"] == "***"
    assert server.received[0].headers["cookie"] == "session=abc"


@pytest.mark.parametrize(
    ("fields", "place"),
    [
        ({"headers": {"X-Key": REFERENCE}}, "/headers/X-Key"),
        ({"query": {"key": REFERENCE}}, "/query/key"),
        ({"query": {"key": ["a", REFERENCE]}}, "/query/key/1"),
        ({"body": {"customer": {"note": REFERENCE}}}, "/body/customer/note"),
        ({"body": REFERENCE}, "/body"),
        ({"body": {"a/b": REFERENCE}}, "/body/a~1b"),
    ],
)
def test_a_reference_that_came_with_the_data_is_not_resolved(
    fields: Any, place: str, ask: Asked
) -> None:
    with LoopbackServer(echo) as server, pytest.raises(UsageError) as refused:
        ask(server, method="put", secrets=["/headers/X-Other"], **fields)
    assert refused.value.code == "call.secret-not-listed"
    assert refused.value.details["place"] == place
    assert problem_of(refused.value)["type"] == "configuration"
    assert server.received == []


def test_text_that_only_mentions_a_reference_is_text(ask: Asked) -> None:
    with LoopbackServer(echo) as server:
        ask(server, method="put", body=f"see {REFERENCE}")
    assert server.received[0].body == f"see {REFERENCE}".encode()


def test_a_secret_that_is_not_set_is_named_and_an_authorization_problem(
    ask: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("BANK_KEY")
    with LoopbackServer(echo) as server, pytest.raises(NotFoundError, match="BANK_KEY") as missing:
        ask(server, headers={"X-Key": REFERENCE}, secrets=["/headers/X-Key"])
    problem = problem_of(missing.value)
    assert (problem["type"], problem["status"]) == ("authorization", 403)
    assert server.received == []


@pytest.mark.parametrize("value", [f"{SECRET}\r\nX-Evil: 1", f"{SECRET}\u00e9", f" {SECRET}"])
@pytest.mark.parametrize("place", ["header", "bearer"])
def test_a_secret_that_is_no_header_value_is_not_repeated_in_the_error(
    value: str, place: str, ask: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BANK_KEY", value)
    monkeypatch.setenv("BANK_TOKEN", value)
    fields: Any = {"authentication": {"bearer": {"use": "bank"}}}
    if place == "header":
        fields = {"headers": {"X-Key": REFERENCE}, "secrets": ["/headers/X-Key"]}
    with LoopbackServer(echo) as server, pytest.raises(UsageError) as refused:
        ask(server, **fields)
    assert refused.value.code in ("call.header-invalid", "call.credentials-invalid")
    assert "s3cr3t" not in shown_by_the_engine(refused.value)
    assert server.received == []


@pytest.mark.parametrize("status", [302, 404, 503])
def test_no_secret_is_in_an_error(status: int, attempt: Any) -> None:
    with answering(status=status, headers={"X-Echo": SECRET}) as server:
        attempt.allow(server)
        with pytest.raises(TenutoError) as failed:
            attempt(call_http, everywhere(server))
    assert "s3cr3t" not in shown_by_the_engine(failed.value)


def shown_by_the_engine(error: BaseException) -> str:
    """The failure as it is written to history, and the traceback as it is logged."""
    failure = Failure()
    TenutoFailureConverter().to_failure(error, PayloadConverter.default, failure)
    return json.dumps(str(failure)) + "".join(traceback.format_exception(error))
