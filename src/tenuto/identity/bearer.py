"""What a bearer token of an OpenID Connect issuer says, once everything about it was verified.

RFC 7515 and RFC 7519, profile RFC 9068 (`at+jwt`). Neither the network nor a clock is here: the
caller brings the issuer's keys and the moment.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

import jwt
from pydantic import BaseModel, ConfigDict

from tenuto.core.errors import PolicyDenied
from tenuto.identity.claims import LEEWAY, moment_of, principal_from
from tenuto.identity.principal import Principal

LONGEST = 8 * 1024
"""Characters of a token; a longer one is refused before anything is parsed."""

ALGORITHMS = {"RS256": "RSA", "ES256": "EC", "EdDSA": "OKP"}
"""Algorithm -> type of the key that may go with it. No secret is ever shared with an issuer."""

_LONGEST_LIFE = timedelta(days=1)
_ACCESS_TYPES = ("at+jwt", "application/at+jwt")
_PLAIN_TYPES = ("jwt", "")
_OF_ID_TOKENS = ("nonce", "at_hash", "c_hash")
_SMALLEST_RSA_BITS = 2048


class Expected(BaseModel):
    """What tokens have to say here."""

    model_config = ConfigDict(frozen=True)

    issuer: str
    audience: str
    groups_claim: str


FindKey = Callable[[str], jwt.PyJWK | None]
"""Key id -> the issuer's public key, or None for one it does not publish."""


def verified_bearer(text: str, expected: Expected, find_key: FindKey, now: datetime) -> Principal:
    """The person the token was issued to.

    Raises PolicyDenied, with a code that begins with `identity.token-`, for anything that is not
    an unexpired access token of this issuer for this audience.
    """
    header = token_header(text)
    _refuse_header(header)
    key = find_key(str(header["kid"]))
    if key is None:
        raise refused(
            f"its key `{str(header['kid'])[:40]}` is not among those that {expected.issuer}"
            " publishes",
            code="identity.token-unknown-key",
        )
    _refuse_key(key, str(header["alg"]))
    claims = _signed_claims(text, key, str(header["alg"]), expected)
    _refuse_times(claims, now)
    if str(header.get("typ", "")).casefold() not in _ACCESS_TYPES:
        _refuse_id_token(claims)
    return principal_from(claims, expected.groups_claim, now)


def token_header(text: str) -> Mapping[str, Any]:
    """The header, unverified. Raises PolicyDenied for a text that is too long or no token."""
    if len(text) > LONGEST:
        raise refused(
            f"it has {len(text):,} characters, at most {LONGEST:,} are read",
            code="identity.token-long",
        )
    try:
        return jwt.get_unverified_header(text)
    except (jwt.InvalidTokenError, RecursionError) as wrong:
        raise refused("it is no signed token", code="identity.token-malformed") from wrong


def refused(why: str, *, code: str) -> PolicyDenied:
    """The error about a token; `why` is a clause. The token itself is never in it."""
    return PolicyDenied(
        f"The token is refused: {why}. Log in again and give the new access token in TENUTO_TOKEN.",
        code=code,
    )


def _refuse_header(header: Mapping[str, Any]) -> None:
    if header.get("alg") not in ALGORITHMS:
        raise refused(
            f"it is signed with `{str(header.get('alg'))[:20]}`; expected one of"
            f" {', '.join(ALGORITHMS)}",
            code="identity.token-algorithm",
        )
    if "crit" in header or "b64" in header:
        raise refused(
            "it demands extensions (`crit`) that are not understood here",
            code="identity.token-malformed",
        )
    kind = str(header.get("typ", "")).casefold()
    if kind not in (*_ACCESS_TYPES, *_PLAIN_TYPES):
        raise refused(
            f"it is a `{kind[:40]}`, not an access token", code="identity.token-not-access"
        )
    if not isinstance(header.get("kid"), str):
        raise refused("it does not name its key (`kid`)", code="identity.token-malformed")


def _refuse_key(key: jwt.PyJWK, algorithm: str) -> None:
    names = {algorithm, "Ed25519"} if algorithm == "EdDSA" else {algorithm}
    is_right = (
        key.key_type == ALGORITHMS[algorithm]
        and key.algorithm_name in names
        and key.public_key_use in (None, "sig")
    )
    if not is_right:
        raise refused(
            f"it is signed with `{algorithm}` and its key is for something else",
            code="identity.token-algorithm",
        )
    if algorithm == "RS256" and key.key.key_size < _SMALLEST_RSA_BITS:
        raise refused(
            f"its key has {key.key.key_size} bits, at least {_SMALLEST_RSA_BITS} are expected",
            code="identity.token-algorithm",
        )


def _signed_claims(
    text: str, key: jwt.PyJWK, algorithm: str, expected: Expected
) -> Mapping[str, Any]:
    try:
        return jwt.decode(
            text,
            key.key,
            algorithms=[algorithm],
            audience=expected.audience,
            issuer=expected.issuer,
            options={
                "require": ["exp", "iat", "iss", "aud", "sub"],
                # Judged below, by the caller's clock.
                "verify_exp": False,
                "verify_iat": False,
                "verify_nbf": False,
            },
        )
    except jwt.InvalidIssuerError as wrong:
        raise refused(
            f"it is not from {expected.issuer} (setting `identity.issuer`)",
            code="identity.token-issuer",
        ) from wrong
    except jwt.InvalidAudienceError as wrong:
        raise refused(
            f"it is not for `{expected.audience}` (setting `identity.audience`)",
            code="identity.token-audience",
        ) from wrong
    except jwt.MissingRequiredClaimError as wrong:
        raise refused(f"it says no `{wrong.claim}`", code="identity.token-malformed") from wrong
    except (jwt.InvalidTokenError, RecursionError) as wrong:
        raise refused(
            "its signature does not fit its content", code="identity.token-forged"
        ) from wrong


def _refuse_times(claims: Mapping[str, Any], now: datetime) -> None:
    issued, expires = _moment(claims, "iat"), _moment(claims, "exp")
    begins = _moment(claims, "nbf") if "nbf" in claims else issued
    if max(issued, begins) > now + LEEWAY:
        raise refused(
            f"it begins at {max(issued, begins):%Y-%m-%d %H:%M:%S} UTC, which is in the future;"
            " compare the clocks",
            code="identity.token-expired",
        )
    if expires + LEEWAY <= now:
        raise refused(
            f"it expired at {expires:%Y-%m-%d %H:%M:%S} UTC", code="identity.token-expired"
        )
    if expires - issued > _LONGEST_LIFE:
        raise refused(
            f"it lives {(expires - issued).days} days, at most one is accepted; a machine uses a"
            " machine token (`tenuto token issue`)",
            code="identity.token-expired",
        )


def _moment(claims: Mapping[str, Any], name: str) -> datetime:
    moment = moment_of(claims[name])
    if moment is None:
        raise refused(f"its `{name}` is no moment", code="identity.token-malformed")
    return moment


def _refuse_id_token(claims: Mapping[str, Any]) -> None:
    """An ID token tells a client who logged in, and is for that client, its own audience."""
    client = claims.get("azp") or claims.get("client_id")
    audience = claims["aud"] if isinstance(claims["aud"], list) else [claims["aud"]]
    is_id_token = (
        not isinstance(client, str)
        or client in audience
        or any(name in claims for name in _OF_ID_TOKENS)
        or str(claims.get("typ", "Bearer")).casefold() != "bearer"
    )
    if is_id_token:
        raise refused(
            "it may be an ID token: it is neither marked `at+jwt` nor does `azp` name a client"
            " other than its audience. Use the access token",
            code="identity.token-not-access",
        )
