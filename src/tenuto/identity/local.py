"""Who is asking on a laptop: whoever uses this machine, under the name that was given."""

import ipaddress
from collections.abc import Iterable

from pydantic import TypeAdapter, ValidationError

from tenuto.core.errors import PolicyDenied, UsageError
from tenuto.core.people import group, principal
from tenuto.identity.principal import Authentication, GroupId, Principal, PrincipalId

_PRINCIPAL = TypeAdapter[str](PrincipalId)
_GROUP = TypeAdapter[str](GroupId)
_LONGEST_SHOWN = 80


def local_principal(user: str, groups: Iterable[str], *, address: str) -> Principal:
    """The principal `user`, taken at its word, for the server at `address` (`host:port`).

    `user` is a name, or `u:`, `s:`, `a:` and a name. Raises PolicyDenied `identity.not-loopback`
    for a server on another machine: whoever reaches that one would be whoever he says.
    """
    if not is_loopback(address):
        raise PolicyDenied(
            f"The server at {address} is not on this machine, and identity is in local mode, which"
            " takes everybody at his word. Set `identity.mode` to `oidc` with the `issuer` of your"
            " organisation, or give a machine token in TENUTO_TOKEN (`tenuto token issue`).",
            code="identity.not-loopback",
            details={"address": address},
        )
    return Principal(
        id=principal_id(user),
        groups=tuple(sorted({group_id(word) for word in groups})),
        authentication=Authentication(method="local"),
    )


def is_loopback(address: str) -> bool:
    """Whether `host:port` can only be this machine."""
    host = address.rpartition(":")[0] if address.count(":") == 1 or "]" in address else address
    host = host.strip("[]")
    if host.casefold() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def principal_id(word: str) -> str:
    """The word as principals are compared: `Ann` and `u:ann` are `u:ann`.

    Raises UsageError `identity.name` for what can be no name.
    """
    return _valid(_PRINCIPAL, principal(word), word, "u:ann")


def group_id(word: str) -> str:
    """The word as groups are compared. Raises UsageError `identity.name` for no name."""
    return _valid(_GROUP, group(word), word, "g:fund-ops")


def _valid(kind: TypeAdapter[str], named: str, word: str, example: str) -> str:
    try:
        return kind.validate_python(named)
    except ValidationError as wrong:
        raise UsageError(
            f"`{word[:_LONGEST_SHOWN]}` can be no name here: expected one like `{example}`, without"
            " quotes or backslashes, at most 200 characters. Set `identity.user` and"
            " `identity.groups`, or give `--as` and `--groups`.",
            code="identity.name",
        ) from wrong
