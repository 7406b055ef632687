"""What a call of an HTTP interface sends, and what it gives."""

import base64
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from definition_calls import answering, problem_of
from tenuto.activities.definitions.call_http import call_http
from tenuto.catalog.library.definitions.http import HttpCall
from tenuto.core.errors import DataError, TenutoError, TransientError, UsageError
from tenuto.testing.loopback import Answer, LoopbackServer

Asked = Callable[..., Any]
JSON = {"content-type": "application/json; charset=utf-8"}


def test_json_content_is_read(ask: Asked) -> None:
    with answering(headers=JSON, body=b'{"id": 1, "tags": [true, null]}') as server:
        assert ask(server, "/pet/1") == {"id": 1, "tags": [True, None]}
    (received,) = server.received
    assert (received.method, received.path) == ("GET", "/pet/1")
    assert received.headers["accept"].startswith("application/json")


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("0.1", 0.1),
        ("1.50", 1.5),
        ("12345678901234567890123", 12345678901234567890123),
        ("1234567890123456.78901", "1234567890123456.78901"),
        ("1e400", "1e400"),
    ],
)
def test_no_digit_of_a_number_is_lost(written: str, read: Any, ask: Asked) -> None:
    with answering(headers=JSON, body=b'{"amount": ' + written.encode() + b"}") as server:
        assert ask(server) == {"amount": read}


@pytest.mark.parametrize(
    ("content_type", "body", "content"),
    [
        ("application/problem+json", b'{"title": "no"}', {"title": "no"}),
        ("text/plain", "gr\u00fc\u00df".encode(), "gr\u00fc\u00df"),
        ("text/plain; charset=iso-8859-1", "gr\u00fc\u00df".encode("latin-1"), "gr\u00fc\u00df"),
        ("application/xml", b"<a/>", "<a/>"),
        ("application/yaml", b"a: 1", "a: 1"),
        ("application/pdf", b"%PDF", base64.b64encode(b"%PDF").decode()),
        ("application/json", b"", None),
        ("", b"hello", "hello"),
        ("", b"\xff\xfe", base64.b64encode(b"\xff\xfe").decode()),
    ],
)
def test_content_is_read_as_its_type_says(
    content_type: str, body: bytes, content: Any, ask: Asked
) -> None:
    headers = {"content-type": content_type} if content_type else {}
    with answering(headers=headers, body=body) as server:
        assert ask(server) == content


def test_raw_output_is_the_bytes(ask: Asked) -> None:
    with answering(headers=JSON, body=b'{"id":  1}') as server:
        assert base64.b64decode(ask(server, output="raw")) == b'{"id":  1}'


def test_a_response_tells_request_and_answer(ask: Asked) -> None:
    with answering(status=201, headers={**JSON, "X-Kind": "demo"}, body=b"[1]") as server:
        response = ask(
            server, "/pets?a=1", method="post", body={"name": "Rex"}, query={"b": 2},
            headers={"X-Run": 7, "X-None": None}, output="response",
        )  # fmt: skip
    assert response["statusCode"] == 201
    assert response["content"] == [1]
    assert response["headers"]["x-kind"] == "demo"
    request = response["request"]
    assert (request["method"], request["uri"]) == ("post", f"{server.url}/pets?a=1&b=2")
    assert request["headers"]["x-run"] == "7"
    assert "x-none" not in request["headers"]
    assert request["headers"]["content-type"] == "application/json"


@pytest.mark.parametrize(
    ("headers", "body", "sent", "content_type"),
    [
        ({}, {"a": [1, "x", None]}, b'{"a": [1, "x", null]}', "application/json"),
        ({}, "plain", b"plain", "text/plain; charset=utf-8"),
        ({}, 0, b"0", "application/json"),
        ({"content-type": "application/merge-patch+json"}, {"a": None}, b'{"a": null}', None),
        ({"content-type": "application/json"}, '{"a":1}', b'{"a":1}', "application/json"),
        (
            {"Content-Type": "application/x-www-form-urlencoded"},
            {"a": "x y", "b": [1, True], "c": None},
            b"a=x+y&b=1&b=true",
            None,
        ),
    ],
)
def test_a_body_is_written_as_its_type_says(
    headers: Any, body: Any, sent: bytes, content_type: str | None, ask: Asked
) -> None:
    with answering() as server:
        ask(server, method="put", body=body, headers=headers)
    (received,) = server.received
    assert received.body == sent
    if content_type:
        assert received.headers["content-type"] == content_type


def test_query_parameters_are_added_and_encoded(ask: Asked) -> None:
    query = {"q": "a&b=c/\u00e4", "many": [1, 2], "none": None, "yes": True}
    with answering() as server:
        ask(server, "/find?status=sold%20out", query=query)
    assert server.received[0].path == (
        "/find?status=sold%20out&q=a%26b%3Dc%2F%C3%A4&many=1&many=2&yes=true"
    )


@pytest.mark.parametrize("status", [400, 401, 404, 409, 422])
def test_a_refusal_is_a_communication_problem_with_its_status(status: int, ask: Asked) -> None:
    with answering(status=status) as server, pytest.raises(DataError) as refused:
        ask(server, "/pet?key=s3cr3t")
    problem = problem_of(refused.value)
    assert (problem["type"], problem["status"]) == ("communication", status)
    assert f"127.0.0.1:{server.port}/pet answered {status}" in problem["detail"]
    assert "s3cr3t" not in str(refused.value)


def test_a_not_found_has_the_title_of_its_status(ask: Asked) -> None:
    with answering(status=404) as server, pytest.raises(DataError) as refused:
        ask(server)
    assert problem_of(refused.value)["title"] == "Not Found"


@pytest.mark.parametrize("status", [408, 429, 500, 503])
def test_a_passing_failure_may_be_tried_again_and_has_its_problem(status: int, ask: Asked) -> None:
    headers = {"retry-after": "7"}
    with (
        answering(status=status, headers=headers) as server,
        pytest.raises(TransientError) as failed,
    ):
        ask(server)
    assert failed.value.details["retry_after_s"] == 7
    problem = problem_of(failed.value)
    assert (problem["type"], problem["status"]) == ("communication", status)


def test_a_server_that_is_not_there_is_a_communication_problem(ask: Asked) -> None:
    with answering() as server:
        pass
    with pytest.raises(TransientError) as failed:
        ask(server)
    assert failed.value.code == "http.unreachable"
    problem = problem_of(failed.value)
    assert (problem["type"], problem["status"]) == ("communication", 500)


def test_a_silent_server_is_a_timeout(ask: Asked, attempt: Any) -> None:
    attempt.start_to_close = timedelta(seconds=0.5)
    done = threading.Event()

    def wait(_: Any) -> Answer:
        done.wait(10)
        return Answer()

    with LoopbackServer(wait) as server:
        with pytest.raises(TransientError) as failed:
            ask(server)
        done.set()
    assert failed.value.code == "http.timeout"
    assert (problem_of(failed.value)["type"], problem_of(failed.value)["status"]) == (
        "timeout",
        408,
    )


@pytest.mark.parametrize("body", [b"<html>", b"NaN", b"[" * 101 + b"]" * 101, b"[" * 100_000])
def test_what_is_no_usable_json_is_a_communication_problem(body: bytes, ask: Asked) -> None:
    with answering(headers=JSON, body=body) as server, pytest.raises(DataError) as refused:
        ask(server)
    assert refused.value.code == "http.not-json"
    assert problem_of(refused.value)["type"] == "communication"


def test_text_that_is_none_is_refused(ask: Asked) -> None:
    headers = {"content-type": "text/plain"}
    with answering(headers=headers, body=b"\xff") as server, pytest.raises(DataError) as refused:
        ask(server)
    assert refused.value.code == "http.not-text"


def test_an_answer_over_the_limit_is_refused(ask: Asked) -> None:
    with (
        answering(body=b"x" * (4 * 1024 * 1024 + 1)) as server,
        pytest.raises(DataError) as refused,
    ):
        ask(server)
    assert refused.value.code == "http.response-too-large"


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"headers": {"Host": "other.example"}}, "call.header-invalid"),
        ({"headers": {"Content-Length": "1"}}, "call.header-invalid"),
        ({"headers": {"X-A": "a\r\nX-Evil: 1"}}, "call.header-invalid"),
        ({"headers": {"X A": "a"}}, "call.header-invalid"),
        ({"headers": {"X-A": "gr\u00fcn"}}, "call.header-invalid"),
        (
            {"body": {"a": {}}, "headers": {"content-type": "application/x-www-form-urlencoded"}},
            "call.body-invalid",
        ),
        (
            {"body": [1], "headers": {"content-type": "application/x-www-form-urlencoded"}},
            "call.body-invalid",
        ),
    ],
)
def test_a_request_that_cannot_be_written_is_a_configuration_problem(
    fields: Any, code: str, ask: Asked
) -> None:
    with answering() as server, pytest.raises(UsageError) as refused:
        ask(server, method="post", **fields)
    assert refused.value.code == code
    assert problem_of(refused.value)["type"] == "configuration"
    assert server.received == []


@pytest.mark.parametrize(
    "uri", ["ftp://host.example/", "https://ann:pw@host.example/", "no url", "secret://env/HOOK"]
)
def test_an_address_that_is_none_is_a_configuration_problem(uri: str, attempt: Any) -> None:
    with pytest.raises(TenutoError) as refused:
        attempt(call_http, HttpCall(method="get", endpoint=uri))
    assert refused.value.code == "http.url-invalid"
    assert problem_of(refused.value)["type"] == "configuration"
    assert "pw" not in str(refused.value)


def test_a_private_address_is_refused(attempt: Any) -> None:
    with answering() as server, pytest.raises(UsageError) as refused:
        attempt(call_http, HttpCall(method="get", endpoint=server.url))
    assert refused.value.code == "http.address-refused"
    assert server.received == []
