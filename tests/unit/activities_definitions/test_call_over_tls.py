"""Calls over TLS: by a firm's own authority, and not by anybody else's."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme

from definition_calls import problem_of
from tenuto.activities import http
from tenuto.activities.definitions.call_http import call_http
from tenuto.catalog.library.definitions.http import HttpCall
from tenuto.core.errors import UnreachableError
from tenuto.testing.loopback import Answer, LoopbackServer, Received


@pytest.fixture(autouse=True)
def tls_read_anew() -> Iterator[None]:
    http._tls.cache_clear()
    yield
    http._tls.cache_clear()


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> trustme.CA:
    """The authority that this process believes."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "authority.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
    return authority


def certificate(authority: trustme.CA, name: str, folder: Path) -> Path:
    """A PEM file with key and chain for `name`."""
    file = folder / "server.pem"
    authority.issue_cert(name).private_key_and_cert_chain_pem.write_to_path(str(file))
    return file


def call(server: LoopbackServer) -> HttpCall:
    return HttpCall.model_validate(
        {"method": "post", "endpoint": f"https://localhost:{server.port}/", "body": {"a": 1}}
    )


def test_a_call_is_answered_over_tls(authority: trustme.CA, tmp_path: Path, attempt: Any) -> None:
    file = certificate(authority, "localhost", tmp_path)
    with LoopbackServer(lambda _: Answer(body=b"safe"), certificate=file) as server:
        attempt.allow(server)
        assert attempt(call_http, call(server)).root == "safe"


def test_an_answer_that_comes_in_pieces_over_tls_is_whole(
    authority: trustme.CA, tmp_path: Path, attempt: Any
) -> None:
    """Reads are cut into slices, so that a cancellation is noticed; a slice must lose nothing."""

    def slowly(_: Received) -> Answer:
        def pieces() -> Iterator[bytes]:
            for piece in (b"one ", b"two ", b"three"):
                threading.Event().wait(0.3)  # longer than a slice
                yield piece

        return Answer(headers={"content-type": "text/plain"}, body=pieces())

    file = certificate(authority, "localhost", tmp_path)
    with LoopbackServer(slowly, certificate=file) as server:
        attempt.allow(server)
        assert attempt(call_http, call(server)).root == "one two three"


@pytest.mark.parametrize("wrong", ["name", "authority"])
def test_a_certificate_that_cannot_be_believed_ends_before_anything_is_sent(
    wrong: str, authority: trustme.CA, tmp_path: Path, attempt: Any
) -> None:
    issuer = trustme.CA() if wrong == "authority" else authority
    file = certificate(issuer, "other.example" if wrong == "name" else "localhost", tmp_path)
    with LoopbackServer(lambda _: Answer(), certificate=file) as server:
        attempt.allow(server)
        with pytest.raises(UnreachableError) as failed:
            attempt(call_http, call(server))
    assert problem_of(failed.value)["type"] == "communication"
    assert attempt.beats == [({"not_received_by_attempt": 1},)]
    assert server.received == []
