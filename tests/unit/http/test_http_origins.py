"""Which origins may stand in for others, and where a request then goes."""

import httpx
import pytest

from tenuto.activities.http import request
from tenuto.activities.http_guard import AllowedTargets
from tenuto.activities.http_origins import Origins, current_origins, use_origins
from tenuto.core.errors import DataError, UsageError
from tenuto.testing.loopback import Answer, LoopbackServer, Received


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("https://api.example/v2/pets?a=1&b=%20", "https://gate.example:8443/v2/pets?a=1&b=%20"),
        ("https://API.example:443/", "https://gate.example:8443/"),
        ("https://api.example.:443/", "https://gate.example:8443/"),
        ("https://api.example:444/", "https://api.example:444/"),
        ("http://api.example/", "http://api.example/"),
        ("https://sub.api.example/", "https://sub.api.example/"),
        ("http://plain.example/x", "http://127.0.0.1:8080/x"),
    ],
)
def test_only_the_named_origin_goes_elsewhere(url: str, target: str) -> None:
    origins = Origins.parse(
        "https://api.example=https://gate.example:8443, http://plain.example=http://127.0.0.1:8080,"
    )
    assert origins.target(httpx.URL(url)) == httpx.URL(target)


@pytest.mark.parametrize(
    "text",
    [
        "https://api.example",
        "https://api.example=",
        "api.example=https://gate.example",
        "https://api.example=https://gate.example/path",
        "https://api.example?a=https://gate.example",
        "https://u:p@api.example=https://gate.example",
        "https://api.example=ftp://gate.example",
        "https://api.example=http://gate.example",
        "https://api.example=http://[bad",
    ],
)
def test_what_is_no_pair_of_origins_or_takes_encryption_off_is_refused(text: str) -> None:
    with pytest.raises(UsageError) as refused:
        Origins.parse(text)
    assert refused.value.code == "http.origins-invalid"


def test_the_process_comes_before_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TENUTO_HTTP_ORIGINS", "https://a.example=https://b.example")
    assert current_origins().instead
    use_origins({})
    try:
        assert not current_origins().instead
    finally:
        use_origins(None)


def test_the_guard_judges_where_the_request_really_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    with LoopbackServer(lambda _: Answer()) as server:
        monkeypatch.setenv("TENUTO_HTTP_ORIGINS", f"https://api.example={server.url}")
        with pytest.raises(UsageError) as refused:
            request("GET", "https://api.example/", allowed=AllowedTargets())
    assert refused.value.code == "http.address-refused"
    assert server.received == []


def test_every_hop_of_a_redirect_is_looked_up(monkeypatch: pytest.MonkeyPatch) -> None:
    def respond(seen: Received) -> Answer:
        if seen.headers["host"] == "one.example":
            return Answer(status=302, headers={"location": "https://two.example/b"})
        return Answer(body=b"two")

    with LoopbackServer(respond) as server:
        pairs = ",".join(f"https://{name}.example={server.url}" for name in ("one", "two"))
        monkeypatch.setenv("TENUTO_HTTP_ORIGINS", pairs)
        allowed = AllowedTargets.parse(f"127.0.0.1:{server.port}")
        answer = request("GET", "https://one.example/a", allowed=allowed)
    assert (answer.body, answer.url) == (b"two", "https://two.example/b")


def test_an_error_names_the_origin_that_was_meant(monkeypatch: pytest.MonkeyPatch) -> None:
    with LoopbackServer(lambda _: Answer(status=404)) as server:
        monkeypatch.setenv("TENUTO_HTTP_ORIGINS", f"https://api.example={server.url}")
        allowed = AllowedTargets.parse(f"127.0.0.1:{server.port}")
        with pytest.raises(DataError, match="https://api.example/x answered 404"):
            request("GET", "https://api.example/x", allowed=allowed)
