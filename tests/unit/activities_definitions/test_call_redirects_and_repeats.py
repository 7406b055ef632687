"""Where a request may go by itself: on to another address, or out a second time."""

import dataclasses
import threading
from collections.abc import Callable
from typing import Any

import pytest
from temporalio.exceptions import CancelledError
from temporalio.testing import ActivityEnvironment

from definition_calls import answering, problem_of
from tenuto.activities.definitions.call_http import call_http
from tenuto.activities.definitions.repeats import step_key
from tenuto.activities.http_origins import use_origins
from tenuto.catalog.library.definitions.http import HttpCall
from tenuto.core.errors import DataError, TransientError, UsageError
from tenuto.testing import eventually
from tenuto.testing.loopback import Answer, LoopbackServer, Received

Asked = Callable[..., Any]
LOGIN = {"bearer": {"token": "tok-4711"}}


def leading(to: str, status: int = 302) -> LoopbackServer:
    """A server whose first page leads to `to`."""

    def respond(request: Received) -> Answer:
        if request.path == "/":
            return Answer(status=status, headers={"location": to})
        return Answer(body=b"here")

    return LoopbackServer(respond)


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_an_error_unless_it_is_asked_for(status: int, ask: Asked) -> None:
    with leading("/new", status) as server, pytest.raises(DataError) as refused:
        ask(server)
    problem = problem_of(refused.value)
    assert (problem["type"], problem["status"]) == ("communication", status)
    assert [each.path for each in server.received] == ["/"]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_on_the_same_server_keeps_the_credentials(status: int, ask: Asked) -> None:
    with leading("/new?a=1", status) as server:
        assert ask(server, redirect=True, authentication=LOGIN) == "here"
    assert [each.path for each in server.received] == ["/", "/new?a=1"]
    assert server.received[1].headers["authorization"] == "Bearer tok-4711"


def test_a_redirect_to_another_origin_takes_no_credentials(ask: Asked, attempt: Any) -> None:
    with answering(body=b"there") as other, leading(f"http://localhost:{other.port}/x") as server:
        attempt.allow = lambda *_, allow=attempt.allow: allow(server, other)
        given = ask(
            server,
            redirect=True,
            authentication=LOGIN,
            headers={"X-Api-Key": "abcdef", "Cookie": "session=1"},
        )
    assert given == "there"
    (received,) = other.received
    assert not {"authorization", "cookie", "x-api-key"} & received.headers.keys()


def test_a_post_is_not_sent_on(ask: Asked) -> None:
    with leading("/new", 307) as server:
        response = ask(server, method="post", body={"a": 1}, redirect=True, output="response")
    assert response["statusCode"] == 307
    assert response["headers"]["location"] == "/new"
    assert len(server.received) == 1


def test_a_redirect_without_an_address_is_an_answer(ask: Asked) -> None:
    with answering(status=304) as server:
        assert ask(server, redirect=True) is None


def test_redirects_end(ask: Asked) -> None:
    with (
        answering(status=302, headers={"location": "/"}) as server,
        pytest.raises(DataError) as refused,
    ):
        ask(server, redirect=True)
    assert refused.value.code == "http.too-many-redirects"
    assert len(server.received) == 4


@pytest.mark.parametrize(
    "to",
    ["file:///etc/passwd", "http://169.254.169.254/", "http://10.0.0.1/"],
)
def test_a_redirect_to_what_may_not_be_reached_is_refused(to: str, ask: Asked) -> None:
    with leading(to) as server, pytest.raises((DataError, UsageError)) as refused:
        ask(server, redirect=True)
    assert refused.value.code in ("http.redirected", "http.address-refused", "http.url-invalid")
    assert len(server.received) == 1


@pytest.mark.parametrize("method", ["post", "patch"])
def test_every_attempt_at_a_post_carries_the_same_key(method: str, ask: Asked) -> None:
    with answering() as server:
        ask(server, method=method)
        ask(server, method=method, number=2, told={"not_received_by_attempt": 1})
        ask(server, method="put")
    first, second, put = (each.headers.get("idempotency-key") for each in server.received)
    assert first == second
    assert first is not None
    assert len(first) == 64
    assert put is None


@pytest.mark.parametrize("status", [500, 502, 503])
def test_a_post_that_may_have_been_acted_on_is_not_repeated(status: int, ask: Asked) -> None:
    with answering(status=status) as server, pytest.raises(DataError) as failed:
        ask(server, method="post")
    assert failed.value.code == "call.not-repeated"
    problem = problem_of(failed.value)
    assert (problem["type"], problem["status"]) == ("communication", status)


@pytest.mark.parametrize("status", [408, 425, 429])
def test_a_post_that_was_not_taken_up_is_repeated(status: int, ask: Asked, attempt: Any) -> None:
    with answering(status=status) as server:
        with pytest.raises(TransientError):
            ask(server, method="post")
        told = attempt.beats[-1][0]
        with pytest.raises(TransientError):
            ask(server, method="post", number=2, told=told)
    assert len(server.received) == 2


def test_a_post_that_could_not_be_connected_is_repeated(ask: Asked, attempt: Any) -> None:
    with answering() as server:
        pass
    with pytest.raises(TransientError):
        ask(server, method="post")
    assert attempt.beats == [({"not_received_by_attempt": 1},)]


@pytest.mark.parametrize(
    ("number", "told"),
    [
        (2, None),
        (2, {"document": "https://api.example/openapi.json"}),
        (3, {"not_received_by_attempt": 1}),
        (2, "progress"),
    ],
)
def test_a_post_is_not_sent_after_an_attempt_that_ended_without_a_word(
    number: int, told: Any, ask: Asked
) -> None:
    with answering() as server, pytest.raises(DataError) as refused:
        ask(server, method="post", number=number, told=told)
    assert refused.value.code == "call.not-repeated"
    assert problem_of(refused.value)["type"] == "communication"
    assert server.received == []


@pytest.mark.parametrize("fact", ["namespace", "workflow_id", "workflow_run_id", "activity_id"])
def test_another_step_or_run_has_another_key(fact: str) -> None:
    environment = ActivityEnvironment()
    first = environment.run(step_key)
    changed: dict[str, Any] = {fact: "another"}
    environment.info = dataclasses.replace(environment.info, **changed)
    assert environment.run(step_key) != first


def test_an_author_who_gives_a_key_has_the_post_repeated(ask: Asked) -> None:
    headers = {"Idempotency-Key": "order-7"}
    with answering(status=503) as server:
        for number in (1, 2):
            with pytest.raises(TransientError):
                ask(server, method="post", headers=headers, number=number)
    assert [each.headers["idempotency-key"] for each in server.received] == ["order-7"] * 2


def test_a_repeatable_method_is_repeated(ask: Asked) -> None:
    with answering() as server:
        for method in ("get", "put", "delete"):
            ask(server, method=method, number=3)
    assert len(server.received) == 3


async def test_a_cancelled_call_ends_though_the_server_is_silent(attempt: Any) -> None:
    done = threading.Event()

    def wait(_: Received) -> Answer:
        done.wait(20)
        return Answer()

    with LoopbackServer(wait) as server:
        attempt.allow(server)
        environment = ActivityEnvironment()
        call = HttpCall(method="get", endpoint=server.url)
        ended: list[BaseException] = []

        def run() -> None:
            try:
                environment.run(call_http, call)
            except CancelledError as error:
                ended.append(error)

        thread = threading.Thread(target=run)
        thread.start()

        async def asked() -> None:
            assert server.received

        await eventually(asked)
        environment.cancel()
        thread.join(5)
        assert ended
        done.set()


def test_a_request_for_one_origin_is_answered_by_another(attempt: Any) -> None:
    with answering(headers={"content-type": "text/plain"}, body=b"stand-in") as server:
        attempt.allow(server)
        use_origins({"https://api.example": server.url})
        try:
            call = HttpCall(method="get", endpoint="https://api.example/v2/x?y=1")
            call = call.model_copy(update={"output": "response"})
            response = attempt(call_http, call).root
        finally:
            use_origins(None)
    assert response["content"] == "stand-in"
    assert response["request"]["uri"] == "https://api.example/v2/x?y=1"
    (received,) = server.received
    assert (received.path, received.headers["host"]) == ("/v2/x?y=1", "api.example")
