"""Who is asking: the headers that an authentication policy adds to a request."""

import base64
import re
from collections.abc import Callable

import httpx

from tenuto.activities.definitions.asks import Ask, Deadline
from tenuto.activities.definitions.masks import Masks
from tenuto.activities.definitions.problems import failed_as
from tenuto.activities.definitions.revealing import secret_value
from tenuto.activities.definitions.tokens import TokenSource, token_source
from tenuto.activities.http import HttpResponse
from tenuto.catalog.library.definitions.authentication import (
    Authentication,
    Bearer,
    FromSecret,
    Login,
)
from tenuto.catalog.library.definitions.secrets import secret_reference
from tenuto.core.errors import DataError, UsageError

_DIGEST = re.compile(r"\bdigest\s.*", re.IGNORECASE)
"""The challenge, where several kinds are offered in one header."""

Send = Callable[[dict[str, str], bool], HttpResponse]
"""(more headers, whether 401 is an answer) -> the answer."""


def logged_in(
    authentication: Authentication | None, ask: Ask, deadline: Deadline, masks: Masks, send: Send
) -> HttpResponse:
    """What `send` brings with the credentials of `authentication`.

    `masks` knows the credentials afterwards. Raises what `send` raises; UsageError
    `call.credentials-invalid`; DataError `call.no-digest`; and what getting a token raises.
    """
    if authentication is None:
        return send({}, False)
    if authentication.basic is not None:
        return send(_basic(_login(authentication.basic, masks), masks), False)
    if authentication.digest is not None:
        return _digest(_login(authentication.digest, masks), ask, masks, send)
    if authentication.bearer is not None:
        return send(_bearer(_token(authentication.bearer, masks), masks), False)
    return _with_token(token_source(authentication, deadline, masks), masks, send)


def _login(given: Login | FromSecret, masks: Masks) -> Login:
    if isinstance(given, Login):
        return given
    username, password = (
        secret_value(secret_reference(given.use, member), masks)
        for member in ("username", "password")
    )
    return Login(username=username, password=password)


def _token(given: Bearer | FromSecret, masks: Masks) -> str:
    if isinstance(given, Bearer):
        return given.token
    return secret_value(secret_reference(given.use, "token"), masks)


def _basic(login: Login, masks: Masks) -> dict[str, str]:
    if ":" in login.username:
        raise UsageError(
            "the user name holds a colon, which basic authentication cannot carry (RFC 7617, 2)",
            code="call.credentials-invalid",
        )
    pair = base64.b64encode(f"{login.username}:{login.password}".encode()).decode()
    return _authorization("Basic", pair, masks)


def _bearer(token: str, masks: Masks) -> dict[str, str]:
    return _authorization("Bearer", token, masks)


def _authorization(scheme: str, credentials: str, masks: Masks) -> dict[str, str]:
    if not credentials.isascii() or not credentials.isprintable() or " " in credentials:
        raise UsageError(
            f"the {scheme.lower()} credentials hold a character that cannot stand in a header "
            "(not shown here), perhaps a line end; set them again, in ASCII and on one line",
            code="call.credentials-invalid",
        )
    masks.add(credentials)
    return {"authorization": f"{scheme} {credentials}"}


def _digest(login: Login, ask: Ask, masks: Masks, send: Send) -> HttpResponse:
    """Asks without credentials first: the challenge in the refusal is part of the answer to it."""
    masks.add(login.password)
    first = send({}, True)
    if first.status != 401:
        return first
    return send({"authorization": _digest_answer(login, ask, first)}, False)


def _digest_answer(login: Login, ask: Ask, refusal: HttpResponse) -> str:
    """The header that meets the challenge, RFC 7616 by httpx."""
    request = httpx.Request(ask.method, ask.url, headers=ask.headers, content=ask.body)
    flow = httpx.DigestAuth(login.username, login.password).auth_flow(request)
    next(flow)
    challenge = _DIGEST.search(refusal.headers.get("www-authenticate", ""))
    headers = {"www-authenticate": challenge[0]} if challenge else {}
    try:
        answered = flow.send(httpx.Response(401, headers=headers, request=request))
    except (StopIteration, httpx.ProtocolError, NotImplementedError, ValueError) as exc:
        raise failed_as(
            "authentication",
            DataError(
                f"{ask.where} answered 401 without a Digest challenge that can be met; ask what "
                "kind of authentication it takes",
                code="call.no-digest",
            ),
        ) from exc
    return answered.headers["authorization"]


def _with_token(source: TokenSource, masks: Masks, send: Send) -> HttpResponse:
    """A token that was kept and is refused is fetched anew, once."""
    token, was_kept = source.token()
    answer = send(_bearer(token, masks), was_kept)
    if answer.status != 401 or not was_kept:
        return answer
    source.forget()
    return send(_bearer(source.token()[0], masks), False)
