"""Access tokens by client credentials (RFC 6749, 4.4), kept per worker until they expire."""

import base64
import json
from hashlib import sha256
from typing import Any
from urllib.parse import quote_plus, urlencode

from tenuto.activities import http
from tenuto.activities.definitions.asks import Deadline
from tenuto.activities.definitions.kept_tokens import kept_tokens
from tenuto.activities.definitions.masks import Masks
from tenuto.activities.definitions.problems import failed_as
from tenuto.activities.definitions.revealing import secret_value
from tenuto.catalog.library.definitions.authentication import (
    Authentication,
    FromSecret,
    OAuth2,
    OAuthClient,
    OpenIdConnect,
)
from tenuto.catalog.library.definitions.secrets import secret_reference
from tenuto.core.errors import DataError

_MAX_BYTES = 256 * 1024
_WELL_KNOWN = "/.well-known/openid-configuration"


def token_source(authentication: Authentication, deadline: Deadline, masks: Masks) -> "TokenSource":
    """Where the token of `oauth2` or `oidc` comes from. Raises as `resolve_secret` does."""
    policy = authentication.oauth2 or authentication.oidc
    assert policy is not None  # noqa: S101 (the model has exactly one)
    if isinstance(policy, FromSecret):
        named = _members(policy, masks)
        kind = OAuth2 if authentication.oauth2 else OpenIdConnect
        policy = kind(authority=named[0], grant="client_credentials", client=_client(named))
    masks.add(policy.client.secret)
    return TokenSource(policy, deadline, masks)


class TokenSource:
    """The token of one client at one authority."""

    def __init__(self, policy: OAuth2 | OpenIdConnect, deadline: Deadline, masks: Masks) -> None:
        self._policy = policy
        self._deadline = deadline
        self._masks = masks
        told = f"{type(policy).__name__} {policy.model_dump_json()}"
        self._key = sha256(told.encode()).hexdigest()

    def token(self) -> tuple[str, bool]:
        """The token, and whether it was kept from an earlier call.

        Raises as `http.request` does, and DataError `call.token-refused`; what another attempt
        will not change is an `authentication` problem.
        """
        token = kept_tokens.get(self._key)
        if token is not None:
            return token, True
        answer = self._asked(self._endpoint())
        token, lifetime_s = _read(answer)
        kept_tokens.put(self._key, token, lifetime_s)
        return token, False

    def forget(self) -> None:
        """Makes the next `token` fetch one."""
        kept_tokens.drop(self._key)

    def _endpoint(self) -> str:
        authority = self._policy.authority.rstrip("/")
        if isinstance(self._policy, OAuth2):
            path = self._policy.endpoints.token
            return path if "://" in path else f"{authority}/{path.lstrip('/')}"
        found = self._request("GET", authority.removesuffix(_WELL_KNOWN) + _WELL_KNOWN, {}, None)
        endpoint = _member(found, "token_endpoint")
        if not isinstance(endpoint, str):
            raise _refused(found.url, "names no `token_endpoint`")
        return endpoint

    def _asked(self, url: str) -> http.HttpResponse:
        policy, headers = self._policy, {"accept": "application/json"}
        pairs = [("grant_type", "client_credentials")]
        pairs += [("scope", " ".join(policy.scopes))] if policy.scopes else []
        pairs += [("audience", each) for each in policy.audiences]
        client = policy.client
        if client.authentication == "client_secret_basic":
            headers["authorization"] = f"Basic {self._pair(client)}"
        else:
            pairs += [("client_id", client.id), ("client_secret", client.secret)]
        headers["content-type"] = policy.request.encoding
        is_json = policy.request.encoding == "application/json"
        body = json.dumps(_grouped(pairs)) if is_json else urlencode(pairs)
        return self._request("POST", url, headers, body.encode())

    def _pair(self, client: OAuthClient) -> str:
        """RFC 6749, 2.3.1: each half is encoded as in a form first."""
        pair = f"{quote_plus(client.id)}:{quote_plus(client.secret)}"
        encoded = base64.b64encode(pair.encode()).decode()
        self._masks.add(encoded)
        return encoded

    def _request(
        self, method: str, url: str, headers: dict[str, str], body: bytes | None
    ) -> http.HttpResponse:
        try:
            return http.request(
                method,
                url,
                headers=headers,
                body=body,
                timeout=self._deadline.left(),
                max_bytes=_MAX_BYTES,
                max_redirects=0,
            )
        except DataError as error:
            raise failed_as("authentication", error) from error.__cause__


def _read(answer: http.HttpResponse) -> tuple[str, float]:
    token, kind = _member(answer, "access_token"), _member(answer, "token_type")
    if not isinstance(token, str) or not token:
        raise _refused(answer.url, "holds no `access_token`")
    if not isinstance(kind, str) or kind.lower() != "bearer":
        raise _refused(answer.url, "is not of the type Bearer")
    lifetime_s = _member(answer, "expires_in")
    is_number = isinstance(lifetime_s, int | float) and not isinstance(lifetime_s, bool)
    return token, float(lifetime_s) if is_number else 0.0


def _member(answer: http.HttpResponse, name: str) -> Any:
    try:
        value = answer.json()
    except DataError as error:
        raise failed_as("authentication", error) from error.__cause__
    return value.get(name) if isinstance(value, dict) else None


def _refused(url: str, why: str) -> DataError:
    error = DataError(
        f"the answer of {url.partition('?')[0]} {why}; check the authority and its client",
        code="call.token-refused",
    )
    failed_as("authentication", error)
    return error


def _members(policy: FromSecret, masks: Masks) -> list[str]:
    return [
        secret_value(secret_reference(policy.use, member), masks)
        for member in ("authority", "client_id", "client_secret")
    ]


def _client(named: list[str]) -> OAuthClient:
    return OAuthClient(id=named[1], secret=named[2])


def _grouped(pairs: list[tuple[str, str]]) -> dict[str, str | list[str]]:
    """Several audiences are a list in JSON."""
    grouped: dict[str, str | list[str]] = {}
    for name, value in pairs:
        before = grouped.get(name)
        if before is None:
            grouped[name] = value
        else:
            grouped[name] = [*(before if isinstance(before, list) else [before]), value]
    return grouped
