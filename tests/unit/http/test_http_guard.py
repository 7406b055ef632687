"""Where the HTTP client refuses to connect, whatever the URL looks like."""

import socket
from collections.abc import Iterator
from typing import Any

import pytest

from tenuto.activities.http import request
from tenuto.activities.http_guard import AllowedTargets, GuardedBackend, is_public, resolve
from tenuto.core.errors import DataError, TenutoError, UnreachableError, UsageError
from tenuto.testing.loopback import Answer, LoopbackServer, Received

LOOPBACK_SPELLINGS = [
    "127.0.0.1",
    "localhost",
    "[::1]",
    "0.0.0.0",  # noqa: S104 (an address to be refused)
    "2130706433",
    "0x7f.1",
    "127.1",
    "[::ffff:127.0.0.1]",
    "[64:ff9b::7f00:1]",
    "127\uff0e0\uff0e0\uff0e1",  # full-width dots
    "127\u30020\u30020\u30021",  # ideographic dots
]
PRIVATE_ADDRESSES = [
    "169.254.169.254",
    "[fd00:ec2::254]",
    "100.64.0.1",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "[fe80::1]",
    "[2002:7f00:1::]",
    "[2001:0:7f00:1::]",
    "224.0.0.1",
    "[ff02::1]",
    "[fec0::1]",
    "255.255.255.255",
]


@pytest.fixture
def secret_server() -> Iterator[LoopbackServer]:
    with LoopbackServer(lambda _: Answer(body=b"the secret")) as server:
        yield server


@pytest.mark.parametrize("host", LOOPBACK_SPELLINGS)
def test_every_spelling_of_loopback_is_refused(host: str, secret_server: LoopbackServer) -> None:
    with pytest.raises(UsageError, match="TENUTO_HTTP_ALLOW") as refused:
        request("GET", f"http://{host}:{secret_server.port}/", allowed=AllowedTargets())
    assert refused.value.code == "http.address-refused"
    assert secret_server.received == []


@pytest.mark.parametrize("host", PRIVATE_ADDRESSES)
def test_private_and_tunnelled_addresses_are_refused(host: str) -> None:
    with pytest.raises(UsageError) as refused:
        request("GET", f"http://{host}/latest/meta-data", allowed=AllowedTargets())
    assert refused.value.code == "http.address-refused"


@pytest.mark.parametrize("url", ["file:///etc/passwd", "gopher://127.0.0.1/", "//x/y", "http:///x"])
def test_anything_but_a_web_address_is_refused(url: str) -> None:
    with pytest.raises(UsageError) as refused:
        request("GET", url)
    assert refused.value.code == "http.url-invalid"


def test_credentials_in_a_url_are_refused_and_not_repeated() -> None:
    with pytest.raises(UsageError) as refused:
        request("GET", "http://alice:hunter2@127.0.0.1/")
    assert refused.value.code == "http.url-invalid"
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize(
    "address", ["93.184.216.34", "2606:4700::1111", "64:ff9b::808:808", "::ffff:8.8.8.8"]
)
def test_public_addresses_are_public(address: str) -> None:
    assert is_public(address)


def test_one_private_address_among_public_ones_refuses_the_host(
    secret_server: LoopbackServer,
) -> None:
    with pytest.raises(UsageError, match=r"mixed\.example.*10\.0\.0\.7"):
        request(
            "GET",
            f"http://mixed.example:{secret_server.port}/",
            allowed=AllowedTargets(),
            resolver=lambda host, port: ["93.184.216.34", "10.0.0.7"],
        )


def test_a_redirect_to_loopback_is_refused(secret_server: LoopbackServer) -> None:
    def to_the_secret(_: Received) -> Answer:
        return Answer(status=302, headers={"location": f"{secret_server.url}/"})

    with LoopbackServer(to_the_secret) as front:
        allowed = AllowedTargets.parse(f"127.0.0.1:{front.port}")
        with pytest.raises(UsageError) as refused:
            request("GET", front.url, allowed=allowed)
    assert refused.value.code == "http.address-refused"
    assert refused.value.details["port"] == secret_server.port
    assert len(front.received) == 1
    assert secret_server.received == []


@pytest.mark.parametrize("location", ["file:///etc/passwd", "gopher://127.0.0.1/"])
def test_a_redirect_to_another_protocol_is_refused(location: str) -> None:
    with (
        LoopbackServer(lambda _: Answer(status=302, headers={"location": location})) as front,
        pytest.raises(DataError) as refused,
    ):
        request("GET", front.url, allowed=AllowedTargets.parse(f"127.0.0.1:{front.port}"))
    assert refused.value.code == "http.redirected"


@pytest.fixture
def internet(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """Public addresses lead to loopback, as behind a NAT; yields what was connected to."""
    connected: list[tuple[str, int]] = []
    real = socket.create_connection

    def through_nat(address: tuple[str, int], *args: Any, **options: Any) -> socket.socket:
        connected.append(address)
        return real(("127.0.0.1", address[1]), *args, **options)

    monkeypatch.setattr(socket, "create_connection", through_nat)
    return connected


def test_dns_rebinding_is_judged_at_every_connection(
    secret_server: LoopbackServer, internet: list[tuple[str, int]]
) -> None:
    """The name is public when it is first looked up, and loopback ever after."""
    answers = iter(["93.184.216.34", "127.0.0.1"])

    def to_myself(_: Received) -> Answer:
        return Answer(
            status=302,
            headers={"location": f"http://rebind.example:{secret_server.port}/secret"},
        )

    with LoopbackServer(to_myself) as front, pytest.raises(UsageError) as refused:
        request(
            "GET",
            f"http://rebind.example:{front.port}/",
            allowed=AllowedTargets(),
            resolver=lambda host, port: [next(answers)],
        )
    assert refused.value.code == "http.address-refused"
    assert internet == [("93.184.216.34", front.port)]  # the judged address, not the name
    assert secret_server.received == []


def test_dns_rebinding_has_one_lookup_per_connection(
    secret_server: LoopbackServer, internet: list[tuple[str, int]]
) -> None:
    """A second answer between check and connect would be an empty list here, and fail."""
    answers = iter([["93.184.216.34"], []])
    answer = request(
        "GET",
        f"http://rebind.example:{secret_server.port}/",
        allowed=AllowedTargets(),
        resolver=lambda host, port: next(answers),
    )
    assert answer.body == b"the secret"
    assert internet == [("93.184.216.34", secret_server.port)]


def test_an_unknown_host_may_be_known_later() -> None:
    def nobody(host: str, port: int) -> list[str]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    with pytest.raises(UnreachableError, match=r"nowhere\.example") as unknown:
        request("GET", "http://nowhere.example/", allowed=AllowedTargets(), resolver=nobody)
    assert unknown.value.code == "http.unknown-host"


@pytest.mark.parametrize("host", ["a..b", "x" * 70 + ".example"])
def test_a_host_that_cannot_be_a_name_is_unknown(host: str) -> None:
    with pytest.raises(TenutoError) as wrong:
        request("GET", f"http://{host}/", allowed=AllowedTargets())
    assert wrong.value.code in ("http.unknown-host", "http.url-invalid")


def test_unix_sockets_are_refused() -> None:
    backend = GuardedBackend(AllowedTargets(), resolve, deadline=float("inf"))
    with pytest.raises(UsageError) as refused:
        backend.connect_unix_socket("/var/run/docker.sock")
    assert refused.value.code == "http.address-refused"


def test_an_allowed_target_is_reached(
    secret_server: LoopbackServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TENUTO_HTTP_ALLOW", f"intranet.example:443, 127.0.0.1:{secret_server.port}")
    assert request("GET", secret_server.url).body == b"the secret"


def test_an_allowed_target_allows_no_other_port_host_or_spelling(
    secret_server: LoopbackServer,
) -> None:
    port = secret_server.port
    allowed = AllowedTargets.parse(f"127.0.0.1:{port},intranet.example:{port}")
    assert ("intranet.example", port) in allowed
    assert ("INTRANET.example.", port) in allowed
    assert ("127.0.0.1", port + 1) not in allowed
    for host in ("2130706433", "localhost"):
        with pytest.raises(UsageError):
            request("GET", f"http://{host}:{port}/", allowed=allowed)
    assert secret_server.received == []


def test_allowed_targets_are_read_with_ipv6_and_spaces() -> None:
    allowed = AllowedTargets.parse(" 127.0.0.1:8080 , [fd00::1]:8443,, Intranet.Example:443 ")
    assert allowed.targets == {
        ("127.0.0.1", 8080),
        ("fd00::1", 8443),
        ("intranet.example", 443),
    }


@pytest.mark.parametrize(
    "text", ["127.0.0.1", "host:", ":80", "fd00::1:80", "host:http", "h:8\u0660"]
)
def test_an_allow_list_that_cannot_be_read_is_an_error(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TENUTO_HTTP_ALLOW", text)
    with pytest.raises(UsageError, match="host:port") as wrong:
        request("GET", "http://127.0.0.1/")
    assert wrong.value.code == "http.allow-invalid"


def test_proxies_in_the_environment_are_not_used(
    secret_server: LoopbackServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with LoopbackServer(lambda _: Answer(body=b"from the proxy")) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        monkeypatch.setenv("ALL_PROXY", proxy.url)
        allowed = AllowedTargets.parse(f"127.0.0.1:{secret_server.port}")
        assert request("GET", secret_server.url, allowed=allowed).body == b"the secret"
        assert proxy.received == []
