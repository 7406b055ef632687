"""Tokens for machines: signed by this installation, for a few weeks, and revocable."""

from datetime import datetime, timedelta

from tenuto.core.errors import PolicyDenied, UsageError
from tenuto.identity.keys import KeyRing
from tenuto.identity.principal import Authentication, Principal
from tenuto.identity.signing import verified
from tenuto.identity.ticket import MachineToken

LONGEST_LIFE = timedelta(days=90)

_LEEWAY = timedelta(minutes=1)


def machine_token(
    principal_id: str,
    groups: tuple[str, ...],
    *,
    owner: Principal,
    life: timedelta,
    scope: tuple[str, ...] = (),
    jti: str,
    now: datetime,
) -> MachineToken:
    """A token to sign. Raises UsageError `token.for-whom` for a person, `token.too-long` for a
    life of more than 90 days, PolicyDenied `token.not-a-person` if a machine wants to issue it.
    """
    if principal_id.startswith("u:"):
        raise UsageError(
            f"A machine token stands for a service (`s:loader`) or an agent (`a:reviewer`), not"
            f" for the person `{principal_id}`: people log in.",
            code="token.for-whom",
        )
    if not timedelta(0) < life <= LONGEST_LIFE:
        raise UsageError(
            f"A machine token lives at least a day and at most {LONGEST_LIFE.days} days;"
            f" {life.days} were asked for. Issue the next one before it ends.",
            code="token.too-long",
        )
    if owner.kind != "user":
        raise PolicyDenied(
            f"`{owner.id}` is no person, and only people issue tokens: a machine could otherwise"
            " prolong its own.",
            code="token.not-a-person",
        )
    return MachineToken(
        jti=jti,
        sub=principal_id,
        grp=groups,
        owner=owner.id,
        scope=scope,
        iat=now,
        exp=now + life,
    )


def verified_machine_token(text: str, ring: KeyRing, now: datetime) -> MachineToken:
    """What the token says. Whether it was revoked is for the caller to find out.

    Raises PolicyDenied: `token.forged` for one that this installation did not sign,
    `token.expired` for one whose time is over.
    """
    try:
        token = verified(text, MachineToken, ring)
    except PolicyDenied as wrong:
        raise PolicyDenied(
            "The machine token is not one that this installation signed with a key that is still"
            " trusted. Issue a new one (`tenuto token issue`).",
            code="token.forged",
        ) from wrong
    if not token.iat - _LEEWAY <= now <= token.exp or token.exp - token.iat > LONGEST_LIFE:
        raise PolicyDenied(
            f"The machine token `{token.jti}` was good from {token.iat:%Y-%m-%d} to"
            f" {token.exp:%Y-%m-%d %H:%M} UTC. Issue a new one (`tenuto token issue`).",
            code="token.expired",
        )
    return token


def principal_with(token: MachineToken) -> Principal:
    """Who shows the token."""
    return Principal(
        id=token.sub,
        groups=token.grp,
        owner=token.owner,
        authentication=Authentication(method="token", scope=token.scope),
    )
