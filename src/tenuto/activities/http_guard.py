"""Where an activity may connect to, decided at the moment of connecting.

A URL that is checked first and fetched afterwards can be pointed elsewhere in between: by a
redirect, by a second name lookup, by an odd spelling of an address. So the check sits under
the HTTP client, in the network backend: resolve once, judge every address, and connect to an
address that was judged.
"""

import os
import socket
import ssl
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Any, Self

import httpcore

from tenuto.core.errors import UnreachableError, UsageError

ALLOW_SETTING = "TENUTO_HTTP_ALLOW"
"""Private targets that activities may reach: `127.0.0.1:8080,intranet.example:443`."""

_SLICE_S = 0.25
"""A cancellation reaches a thread that waits for an answer between two slices."""

Resolver = Callable[[str, int], list[str]]
"""(host, port) -> the IP addresses it stands for."""


@dataclass(frozen=True)
class AllowedTargets:
    """Hosts that may be private, each with its port, exactly as a URL names them."""

    targets: frozenset[tuple[str, int]] = frozenset()

    @classmethod
    def from_environment(cls) -> Self:
        """The targets in `TENUTO_HTTP_ALLOW`. Raises UsageError `http.allow-invalid`."""
        return cls.parse(os.environ.get(ALLOW_SETTING, ""))

    @classmethod
    def parse(cls, text: str) -> Self:
        """Targets from `host:port,host:port`; an IPv6 address stands in brackets."""
        return cls(frozenset(_target(part.strip()) for part in text.split(",") if part.strip()))

    def __contains__(self, target: tuple[str, int]) -> bool:
        host, port = target
        return (_plain(host), port) in self.targets


def is_public(address: str) -> bool:
    """Whether `address` is a unicast address of the public internet.

    An IPv4 address inside an IPv6 one (mapped, NAT64) is judged as that IPv4 address; 6to4 and
    Teredo are refused, because they tunnel to whatever they contain.
    """
    ip = ip_address(address)
    if isinstance(ip, IPv6Address):
        inner = _inner_ipv4(ip)
        if inner is not None:
            return _is_public_unicast(inner)
        if ip.sixtofour is not None or ip.teredo is not None or ip.is_site_local:
            return False
    return _is_public_unicast(ip)


def resolve(host: str, port: int) -> list[str]:
    """Every address `host` stands for, as the system knows it. Raises `OSError`."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(sockaddr[0]) for *_, sockaddr in found))


class GuardedBackend(httpcore.NetworkBackend):
    """Connects to public addresses and to allowed targets, to nothing else, until a deadline.

    `deadline` is on the `time.monotonic` clock. It bounds the whole exchange: a server that
    sends one byte now and then would never meet a timeout per read.
    """

    def __init__(self, allowed: AllowedTargets, resolver: Resolver, deadline: float) -> None:
        self._allowed = allowed
        self._resolve = resolver
        self._deadline = deadline
        self._sockets = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """A connection to the first checked address that answers.

        Raises UsageError `http.address-refused` when any address of `host` is not public and
        the target is not allowed; UnreachableError `http.unknown-host` when it has none.
        """
        failure: httpcore.ConnectError | None = None
        for address in self._checked(host, port):
            try:
                stream = self._sockets.connect_tcp(
                    address,
                    port,
                    _left(self._deadline, timeout),
                    local_address,
                    socket_options or (),
                )
            except httpcore.ConnectError as exc:
                failure = exc
            else:
                return _UntilDeadline(stream, self._deadline)
        raise failure or httpcore.ConnectError(f"{host} has no address")

    def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Iterable[Any] | None = None
    ) -> httpcore.NetworkStream:
        """Always refused: a Unix socket leads to services of this machine."""
        raise UsageError(
            "HTTP over a Unix socket is refused; name a host and a port",
            code="http.address-refused",
        )

    def _checked(self, host: str, port: int) -> list[str]:
        try:
            addresses = self._resolve(host, port)
        except (OSError, UnicodeError) as exc:
            raise UnreachableError(
                f"the host {host!r} is not known to the name service ({exc}); check its spelling "
                "and this machine's network",
                code="http.unknown-host",
                details={"host": host},
            ) from exc
        refused = [address for address in addresses if not is_public(address)]
        if refused and (host, port) not in self._allowed:
            raise UsageError(
                f"{host}:{port} is at {refused[0]}, which is not a public address, so the request "
                f"was not sent; if it is meant to be reached, add {_written(host, port)} to "
                f"{ALLOW_SETTING} on the worker",
                code="http.address-refused",
                details={"host": host, "port": port, "address": refused[0]},
            )
        return addresses


class _UntilDeadline(httpcore.NetworkStream):
    def __init__(self, stream: httpcore.NetworkStream, deadline: float) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        last = time.monotonic() + _left(self._deadline, timeout)
        while True:
            slice_s = min(_SLICE_S, last - time.monotonic())
            try:
                return self._stream.read(max_bytes, max(slice_s, 0.001))
            except httpcore.ReadTimeout:
                if time.monotonic() >= last:
                    raise

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, _left(self._deadline, timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        left = _left(self._deadline, timeout)
        stream = self._stream.start_tls(ssl_context, server_hostname, left)
        return _UntilDeadline(stream, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def _left(deadline: float, timeout: float | None) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise httpcore.ReadTimeout("the exchange took longer than its deadline")
    return left if timeout is None else min(left, timeout)


_NAT64 = IPv6Network("64:ff9b::/96")


def _inner_ipv4(ip: IPv6Address) -> IPv4Address | None:
    if ip.ipv4_mapped is not None:
        return ip.ipv4_mapped
    if ip in _NAT64:
        return IPv4Address(int(ip) & 0xFFFFFFFF)
    return None


def _is_public_unicast(ip: IPv4Address | IPv6Address) -> bool:
    # Python 3.11 calls multicast addresses global.
    return ip.is_global and not (ip.is_multicast or ip.is_reserved or ip.is_unspecified)


def _target(text: str) -> tuple[str, int]:
    host, colon, port = text.rpartition(":")
    bare_ipv6 = ":" in host and not host.startswith("[")
    if not colon or not host or bare_ipv6 or not port.isascii() or not port.isdigit():
        raise UsageError(
            f"{text!r} in {ALLOW_SETTING} is not a target; write host:port, for example "
            "127.0.0.1:8080,intranet.example:443,[fd00::1]:8443",
            code="http.allow-invalid",
        )
    return _plain(host), int(port)


def _plain(host: str) -> str:
    return host.strip("[]").lower().rstrip(".")


def _written(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
