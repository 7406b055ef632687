"""Nothing goes in the clear beyond this machine."""

from ipaddress import ip_address

import httpx

from tenuto.core.errors import UsageError


def clear_text_host(url: str) -> str | None:
    """The host that `url` would reach without encryption, or None for https and loopback.

    Raises UsageError `http.url-invalid` for what is no URL; its message does not repeat it.
    """
    try:
        target = httpx.URL(url)
    except httpx.InvalidURL as exc:
        raise UsageError(f"a URL cannot be read: {exc}", code="http.url-invalid") from exc
    is_clear = target.scheme == "http" and not is_loopback(target.host)
    return target.host if is_clear else None


def is_loopback(host: str) -> bool:
    """Whether `host` is `localhost` or a loopback address."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
