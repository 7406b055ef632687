"""From the claims of a verified token to a principal."""

import hashlib
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from tenuto.core.errors import PolicyDenied, UsageError
from tenuto.core.people import person
from tenuto.identity.local import group_id, principal_id
from tenuto.identity.principal import Authentication, Principal

MOST_GROUP_CHARACTERS = 4000
"""Of all groups together: every ticket carries them, and a ticket has at most 8 KB."""

LEEWAY = timedelta(minutes=1)
"""How far the issuer's clock and ours may be apart."""

_MARK = "~"
_MAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_FACTORS = {
    "pwd": "knows",
    "pin": "knows",
    "kba": "knows",
    "otp": "has",
    "hwk": "has",
    "swk": "has",
    "sc": "has",
    "sms": "has",
    "tel": "has",
    "face": "is",
    "fpt": "is",
    "iris": "is",
    "retina": "is",
    "vbm": "is",
}
"""Method of RFC 8176 -> what kind of proof it is."""


def principal_from(claims: Mapping[str, Any], groups_claim: str, now: datetime) -> Principal:
    """The person that `sub` names, with the groups of `groups_claim`.

    Raises PolicyDenied: `identity.not-opaque` for a subject that is an e-mail address,
    `identity.not-a-person` for a client's own token, `identity.bad-claim` for a subject or groups
    that have no form here, `identity.too-many-groups` where the issuer left groups out.
    """
    subject = claims["sub"]
    _refuse_subject(subject, claims)
    return Principal(
        id=_named(principal_id, f"u:{_one_spelling(subject)}", "sub"),
        groups=_groups(claims, groups_claim),
        authentication=Authentication(method="oidc", mfa_age_s=_mfa_age(claims, now)),
    )


def _refuse_subject(subject: Any, claims: Mapping[str, Any]) -> None:
    if not isinstance(subject, str) or not (subject.isascii() and subject.isprintable()):
        raise _bad_claim("sub", "no ASCII text")
    if _MAIL.fullmatch(subject):
        raise PolicyDenied(
            "The token's subject is an e-mail address, and a subject stays readable in histories"
            " for years. Let the issuer send an opaque `sub` for this audience.",
            code="identity.not-opaque",
        )
    if subject in (claims.get("client_id"), claims.get("azp")):
        raise PolicyDenied(
            "The token was issued to a client, not to a person. Machines use a token of"
            " Tenuto's own: `tenuto token issue --for s:NAME`.",
            code="identity.not-a-person",
        )


def _one_spelling(subject: str) -> str:
    """The subject, with a mark on one that comparing people would take for another.

    To an issuer `Ann` and `ann` are two people, and where people are compared they are one.
    """
    if person(subject) == f"u:{subject}" and _MARK not in subject:
        return subject
    return subject + _MARK + hashlib.sha256(subject.encode()).hexdigest()[:16]


def moment_of(value: Any) -> datetime | None:
    """The moment a `NumericDate` (RFC 7519) names, or None for what is none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return datetime.fromtimestamp(value, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _groups(claims: Mapping[str, Any], name: str) -> tuple[str, ...]:
    overflow = claims.get("_claim_names")
    if (isinstance(overflow, Mapping) and name in overflow) or claims.get("hasgroups"):
        raise _too_many_groups("the issuer left them out of the token")
    value = claims.get(name, [])
    if not isinstance(value, list) or not all(isinstance(word, str) for word in value):
        raise _bad_claim(name, "no list of names")
    if sum(len(word) for word in value) > MOST_GROUP_CHARACTERS:
        raise _too_many_groups(f"together they have more than {MOST_GROUP_CHARACTERS:,} characters")
    return tuple(sorted({_named(group_id, word, name) for word in value}))


def _named(read: Any, word: str, claim: str) -> str:
    try:
        return str(read(word))
    except UsageError as wrong:
        raise _bad_claim(claim, f"`{word[:60]}`, which can be no name here") from wrong


def _mfa_age(claims: Mapping[str, Any], now: datetime) -> int | None:
    """Seconds since the login, if it took a second factor (RFC 8176); None if it did not say."""
    methods, moment = claims.get("amr"), moment_of(claims.get("auth_time"))
    if not isinstance(methods, list) or moment is None:
        return None
    kinds = {_FACTORS[each] for each in methods if isinstance(each, str) and each in _FACTORS}
    if "mfa" not in methods and len(kinds) < 2:
        return None
    if moment > now + LEEWAY:
        raise _bad_claim("auth_time", "in the future")
    return max(0, int((now - moment).total_seconds()))


def _bad_claim(name: str, found: str) -> PolicyDenied:
    return PolicyDenied(
        f"The token's `{name}` is {found}. Let the issuer send names without quotes and"
        " backslashes, at most 200 characters each; groups as a list (`identity.groups_claim`).",
        code="identity.bad-claim",
        details={"claim": name},
    )


def _too_many_groups(why: str) -> PolicyDenied:
    return PolicyDenied(
        f"The token does not carry all groups of this person: {why}. Rules cannot be judged"
        " without them; let the issuer send only the groups that rules name.",
        code="identity.too-many-groups",
    )
