"""Forms of authentication: basic, bearer, digest, OAuth 2, and OpenID Connect."""

from tenuto.definitions.check.structure import codes
from tenuto.definitions.check.structure.kinds.form import Schema, closed, list_of, one_of, refused
from tenuto.definitions.check.structure.kinds.text import LITERAL_URI, TEXT

_CLIENT_CREDENTIALS = "Use grant `client_credentials` with `client.id` and `client.secret`."
_NAME: Schema = {"type": "string", "minLength": 1, "title": "a name"}


def _or_secret(form: Schema) -> Schema:
    """Members written out, or the name of a secret that has them."""
    return {
        "type": "object",
        "if": {"required": ["use"]},
        "then": closed({"use": _NAME}, title="`use` and nothing else"),
        "else": form,
        "title": "a mapping",
    }


def _of_another_grant(name: str) -> Schema:
    return refused(
        codes.AUTHENTICATION_REFUSED,
        f"`{name}` belongs to a grant that is not in this release.",
        _CLIENT_CREDENTIALS,
    )


_PASSWORD = _or_secret(closed({"username": TEXT, "password": TEXT}, ("username", "password")))

_CLIENT = closed(
    {
        "id": TEXT,
        "secret": TEXT,
        "assertion": _of_another_grant("assertion"),
        "authentication": {
            "enum": ["client_secret_post", "client_secret_basic"],
            "title": "`client_secret_post` or `client_secret_basic`",
            "code": codes.AUTHENTICATION_REFUSED,
            "remedy": "Leave it out for `client_secret_post`.",
        },
    },
    ("id", "secret"),
)
_TOKEN_PATHS = closed(
    {"token": LITERAL_URI, "revocation": LITERAL_URI, "introspection": LITERAL_URI}
)


def _tokens(**more: Schema) -> Schema:
    unsupported = ("issuers", "username", "password", "subject", "actor")
    members = {
        "authority": LITERAL_URI,
        "grant": {
            "enum": ["client_credentials"],
            "title": "`client_credentials`, the only grant of this release",
            "code": codes.AUTHENTICATION_REFUSED,
            "remedy": _CLIENT_CREDENTIALS,
        },
        "client": _CLIENT,
        "request": closed(
            {"encoding": {"enum": ["application/x-www-form-urlencoded", "application/json"]}}
        ),
        "scopes": list_of(TEXT),
        "audiences": list_of(TEXT),
        **{name: _of_another_grant(name) for name in unsupported},
        **more,
    }
    return _or_secret(closed(members, ("authority", "grant", "client")))


_SCHEMES: Schema = {
    "basic": _PASSWORD,
    "bearer": _or_secret(closed({"token": TEXT}, ("token",))),
    "digest": _PASSWORD,
    "oauth2": _tokens(endpoints=_TOKEN_PATHS),
    "oidc": _tokens(),
}

REUSABLE_AUTHENTICATION = one_of(_SCHEMES, title="exactly one authentication scheme")
"""Under `use.authentications`."""

AUTHENTICATION = one_of(
    {"use": _NAME, **_SCHEMES},
    title="`use` with a name, or exactly one authentication scheme",
    examples=[{"use": "nameOfAuthentication"}],
)
"""Where a request is authenticated."""
