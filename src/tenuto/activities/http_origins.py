"""One origin answered by another: an egress gateway, or a stand-in where tests have no network.

Documents name the service they mean; the operator of a worker says where it is. The guard judges
where the request really goes, and taking the encryption off is refused beyond this machine.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

import httpx

from tenuto.activities.in_the_clear import is_loopback
from tenuto.core.errors import UsageError

ORIGINS_SETTING = "TENUTO_HTTP_ORIGINS"
"""`https://api.example=https://gateway.internal:8443`, several separated by commas."""

Origin = tuple[str, str, int]
"""Scheme, host, port."""

_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True)
class Origins:
    """Where requests for an origin go instead."""

    instead: Mapping[Origin, httpx.URL] = field(default_factory=dict)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Origins from `named=instead,named=instead`, each `scheme://host` or with a port."""
        pairs = [_pair(part.strip()) for part in text.split(",") if part.strip()]
        return cls({origin_of(named): instead for named, instead in pairs})

    def target(self, url: httpx.URL) -> httpx.URL:
        """`url`, or the same path and query at the origin that stands in for its own."""
        instead = self.instead.get(origin_of(url))
        if instead is None:
            return url
        return url.copy_with(scheme=instead.scheme, host=instead.host, port=instead.port)


_chosen: Origins | None = None


def use_origins(instead: Mapping[str, str] | None) -> None:
    """Makes `instead`, named origin -> origin, the ones of this process; None forgets them.

    Raises UsageError `http.origins-invalid`.
    """
    global _chosen
    text = ",".join(f"{named}={there}" for named, there in (instead or {}).items())
    _chosen = None if instead is None else Origins.parse(text)


def current_origins() -> Origins:
    """The origins given to `use_origins`, or those in `TENUTO_HTTP_ORIGINS`.

    Raises UsageError `http.origins-invalid`.
    """
    return _chosen if _chosen is not None else Origins.parse(os.environ.get(ORIGINS_SETTING, ""))


def origin_of(url: httpx.URL) -> Origin:
    """Scheme, host, and port of `url`; the scheme's own port where none is written."""
    return url.scheme, url.host.lower().rstrip("."), url.port or _PORTS.get(url.scheme, 0)


def _pair(text: str) -> tuple[httpx.URL, httpx.URL]:
    named, equals, instead = (part.strip() for part in text.partition("="))
    if not equals:
        raise _refused(text, "there is no `=` in it")
    source, target = _origin(named, text), _origin(instead, text)
    if (source.scheme, target.scheme) == ("https", "http") and not is_loopback(target.host):
        raise _refused(
            text, f"what is meant for https would reach {target.host} without encryption"
        )
    return source, target


def _origin(written: str, text: str) -> httpx.URL:
    try:
        url = httpx.URL(written)
    except httpx.InvalidURL as exc:
        raise _refused(text, f"{written!r} is no URL ({exc})") from exc
    is_bare = url.raw_path in (b"/", b"") and not url.userinfo and not url.fragment
    if url.scheme not in _PORTS or not url.host or not is_bare:
        raise _refused(text, f"{written!r} is not http:// or https:// with a host alone")
    return url


def _refused(text: str, why: str) -> UsageError:
    return UsageError(
        f"{text!r} in {ORIGINS_SETTING} is refused: {why}; write named=instead, for example "
        "https://api.example=https://gateway.internal:8443 (http:// in place of https:// for "
        "loopback addresses only)",
        code="http.origins-invalid",
    )
