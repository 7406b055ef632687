"""Each way of saying who is asking, against a server that checks it."""

import base64
import hashlib
import json
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

import pytest
from pydantic import ValidationError

from definition_calls import problem_of
from tenuto.catalog.library.definitions.authentication import Authentication
from tenuto.core.errors import DataError, TransientError, UsageError
from tenuto.testing.loopback import Answer, LoopbackServer, Received

Asked = Callable[..., Any]
JSON = {"content-type": "application/json"}


def test_basic_sends_user_and_password(ask: Asked) -> None:
    with LoopbackServer(lambda _: Answer()) as server:
        ask(server, authentication={"basic": {"username": "ann", "password": 1234}})
    expected = base64.b64encode(b"ann:1234").decode()
    assert server.received[0].headers["authorization"] == f"Basic {expected}"


def test_bearer_sends_the_token(ask: Asked) -> None:
    with LoopbackServer(lambda _: Answer()) as server:
        ask(server, authentication={"bearer": {"token": "abc.def"}})
    assert server.received[0].headers["authorization"] == "Bearer abc.def"


@pytest.mark.parametrize("kind", ["basic", "digest", "bearer"])
def test_members_of_a_secret_are_variables_of_the_worker(
    kind: str, ask: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    for member, value in (("USERNAME", "ann"), ("PASSWORD", "pw-1234"), ("TOKEN", "tok-1")):
        monkeypatch.setenv(f"PET_STORE_{member}", value)
    with LoopbackServer(Digested("ann", "pw-1234")) as server:
        ask(server, authentication={kind: {"use": "pet-store"}})
    sent = server.received[-1].headers["authorization"]
    wanted = {"basic": base64.b64encode(b"ann:pw-1234").decode(), "bearer": "tok-1"}
    assert wanted.get(kind, 'username="ann"') in sent


class Digested:
    """A server that lets in whoever meets its Digest challenge, RFC 7616; others too if basic."""

    challenge = 'Digest realm="desk", nonce="n0nce", qop="auth", algorithm=SHA-256'

    def __init__(self, user: str, password: str) -> None:
        self._user, self._password = user, password

    def __call__(self, request: Received) -> Answer:
        sent = request.headers.get("authorization", "")
        if not sent.startswith("Digest"):
            is_in = bool(sent)
            headers = {} if is_in else {"www-authenticate": self.challenge}
            return Answer(status=200 if is_in else 401, headers=headers)
        return Answer(status=200 if self._is_met(sent, request) else 401)

    def _is_met(self, sent: str, request: Received) -> bool:
        said = dict(re.findall(r'(\w+)="?([^",]+)"?', sent))
        first = _hash(f"{self._user}:desk:{self._password}")
        second = _hash(f"{request.method}:{request.path}")
        between = f"n0nce:{said['nc']}:{said['cnonce']}:auth"
        return bool(said["response"] == _hash(f"{first}:{between}:{second}"))


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def test_digest_meets_the_challenge(ask: Asked) -> None:
    with LoopbackServer(Digested("ann", "pw")) as server:
        login = {"digest": {"username": "ann", "password": "pw"}}
        response = ask(
            server, "/a?b=1", method="put", body="x", authentication=login, output="response"
        )
    assert response["statusCode"] == 200
    assert [each.body for each in server.received] == [b"x", b"x"]
    assert response["request"]["headers"]["authorization"] == "***"


def test_digest_is_found_among_other_challenges(
    ask: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        Digested, "challenge", 'Basic realm="x", ' + Digested.challenge + ', Negotiate realm="y"'
    )
    with LoopbackServer(Digested("ann", "pw")) as server:
        ask(server, authentication={"digest": {"username": "ann", "password": "pw"}})
    assert len(server.received) == 2


def test_a_wrong_digest_is_refused_with_the_servers_status(ask: Asked) -> None:
    with LoopbackServer(Digested("ann", "pw")) as server, pytest.raises(DataError) as refused:
        ask(server, authentication={"digest": {"username": "ann", "password": "wrong"}})
    assert problem_of(refused.value)["status"] == 401


@pytest.mark.parametrize("challenge", ["Basic realm=x", "Digest nonsense", ""])
def test_no_digest_challenge_is_an_authentication_problem(challenge: str, ask: Asked) -> None:
    headers = {"www-authenticate": challenge} if challenge else {}
    with (
        LoopbackServer(lambda _: Answer(status=401, headers=headers)) as server,
        pytest.raises(DataError) as refused,
    ):
        ask(server, authentication={"digest": {"username": "ann", "password": "pw"}})
    assert refused.value.code == "call.no-digest"
    assert (problem_of(refused.value)["type"], problem_of(refused.value)["status"]) == (
        "authentication",
        401,
    )


def test_a_colon_in_a_user_name_is_refused(ask: Asked) -> None:
    with LoopbackServer(lambda _: Answer()) as server, pytest.raises(UsageError) as refused:
        ask(server, authentication={"basic": {"username": "a:b", "password": "pw"}})
    assert refused.value.code == "call.credentials-invalid"


class Authority:
    """Issues tokens on `/oauth2/token`, one after the other, and lets in whoever has the last."""

    def __init__(self, expires_in: Any = 3600, **more: Any) -> None:
        self.expires_in = expires_in
        self.more = more
        self.asked: list[Received] = []
        self.issued = 0

    def __call__(self, request: Received) -> Answer:
        if request.path.endswith("/token"):
            self.asked.append(request)
            self.issued += 1
            told = {"access_token": f"tok-{self.issued}", "token_type": "Bearer", **self.more}
            told |= {} if self.expires_in is None else {"expires_in": self.expires_in}
            return Answer(headers=JSON, body=json.dumps(told).encode())
        if request.path == "/.well-known/openid-configuration":
            endpoint = f"http://{request.headers['host']}/elsewhere/token"
            return Answer(headers=JSON, body=json.dumps({"token_endpoint": endpoint}).encode())
        is_in = request.headers.get("authorization") == f"Bearer tok-{self.issued}"
        return Answer(status=200 if is_in else 401)


def client_of(server: LoopbackServer, kind: str = "oauth2", **more: Any) -> dict[str, Any]:
    """An authentication by client credentials at `server`."""
    policy = {"authority": server.url, "grant": "client_credentials"}
    client = {"id": "desk &", "secret": "cl13nt:s", **more.pop("client", {})}
    return {kind: {**policy, "client": client, **more}}


def test_oauth2_asks_for_a_token_once_and_keeps_it(ask: Asked) -> None:
    authority = Authority()
    with LoopbackServer(authority) as server:
        login = client_of(server, scopes=["a", "b"], audiences=["x", "y"])
        ask(server, authentication=login)
        ask(server, authentication=login)
    (asked,) = authority.asked
    assert parse_qs(asked.body.decode()) == {
        "grant_type": ["client_credentials"],
        "scope": ["a b"],
        "audience": ["x", "y"],
        "client_id": ["desk &"],
        "client_secret": ["cl13nt:s"],
    }


def test_a_client_may_log_in_by_basic_and_write_json(ask: Asked) -> None:
    authority = Authority()
    with LoopbackServer(authority) as server:
        login = client_of(
            server,
            client={"authentication": "client_secret_basic"},
            request={"encoding": "application/json"},
            endpoints={"token": "/deep/token", "introspection": "/deep/look"},
        )
        ask(server, authentication=login)
    (asked,) = authority.asked
    assert asked.path == "/deep/token"
    assert json.loads(asked.body) == {"grant_type": "client_credentials"}
    expected = base64.b64encode(b"desk+%26:cl13nt%3As").decode()
    assert asked.headers["authorization"] == f"Basic {expected}"


@pytest.mark.parametrize("suffix", ["", "/", "/.well-known/openid-configuration"])
def test_oidc_finds_where_tokens_are_issued(suffix: str, ask: Asked) -> None:
    authority = Authority()
    with LoopbackServer(authority) as server:
        login = client_of(server, "oidc", authority=server.url + suffix)
        ask(server, authentication=login)
    assert [each.path for each in authority.asked] == ["/elsewhere/token"]


def test_a_client_from_a_secret(ask: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    authority = Authority()
    with LoopbackServer(authority) as server:
        for member, value in (
            ("AUTHORITY", server.url),
            ("CLIENT_ID", "d"),
            ("CLIENT_SECRET", "s"),
        ):
            monkeypatch.setenv(f"BANK_{member}", value)
        ask(server, authentication={"oauth2": {"use": "bank"}})
    assert b"client_id=d&client_secret=s" in authority.asked[0].body


@pytest.mark.parametrize("expires_in", [None, 0, 30, "3600", True])
def test_a_token_without_a_known_future_is_not_kept(expires_in: Any, ask: Asked) -> None:
    authority = Authority(expires_in=expires_in)
    with LoopbackServer(authority) as server:
        ask(server, authentication=client_of(server))
        ask(server, authentication=client_of(server))
    assert authority.issued == 2


def test_a_kept_token_that_is_refused_is_fetched_anew_once(ask: Asked) -> None:
    authority = Authority()
    with LoopbackServer(authority) as server:
        ask(server, authentication=client_of(server))
        authority.issued += 1  # revoked: from now on another is the last
        ask(server, method="post", authentication=client_of(server))
        paths = [each.path for each in server.received]
    assert paths == ["/oauth2/token", "/", "/", "/oauth2/token", "/"]


def test_tokens_of_one_client_are_not_given_to_another(ask: Asked) -> None:
    authority = Authority()
    with LoopbackServer(authority) as server:
        ask(server, authentication=client_of(server))
        ask(server, authentication=client_of(server, client={"secret": "another"}))
        ask(server, authentication=client_of(server, scopes=["more"]))
    assert authority.issued == 3


@pytest.mark.parametrize(
    "answer",
    [
        Answer(status=401),
        Answer(status=400, body=b'{"error": "invalid_client"}'),
        Answer(body=b"<html>"),
        Answer(headers=JSON, body=b"[]"),
        Answer(headers=JSON, body=b'{"token_type": "Bearer"}'),
        Answer(headers=JSON, body=b'{"access_token": "a", "token_type": "mac"}'),
        Answer(status=302, headers={"location": "http://127.0.0.1:1/"}),
    ],
)
def test_no_token_is_an_authentication_problem(answer: Answer, ask: Asked) -> None:
    with LoopbackServer(lambda _: answer) as server, pytest.raises(DataError) as refused:
        ask(server, "/api", authentication=client_of(server))
    problem = problem_of(refused.value)
    assert (problem["type"], problem["status"]) == ("authentication", 401)
    assert "cl13nt" not in str(refused.value)
    assert [each.path for each in server.received] == ["/oauth2/token"]


def test_an_authority_that_is_busy_is_asked_again_by_the_engine(ask: Asked) -> None:
    with (
        LoopbackServer(lambda _: Answer(status=503)) as server,
        pytest.raises(TransientError) as failed,
    ):
        ask(server, method="post", authentication=client_of(server))
    assert failed.value.code == "http.try-later"
    assert [each.path for each in server.received] == ["/oauth2/token"]


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({}, "found none"),
        ({"basic": {"use": "a"}, "bearer": {"use": "b"}}, "found basic, bearer"),
        ({"basic": {"username": "a"}}, "password"),
        ({"oauth2": {"authority": "https://a", "grant": "password"}}, "client_credentials"),
        (
            {
                "oauth2": {
                    "authority": "https://a",
                    "grant": "client_credentials",
                    "client": {"id": "a", "secret": "b"},
                    "issuers": ["https://b"],
                }
            },
            "issuers",
        ),
    ],
)
def test_what_is_not_supported_is_refused(given: Any, says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        Authentication.model_validate(given)
