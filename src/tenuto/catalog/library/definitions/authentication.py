"""How a call says who is asking: the specification's authentication policies."""

from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, field_validator, model_validator

from tenuto.core.records import Record


def _as_text(value: Any) -> Any:
    """A password written as `1234` is a number to YAML."""
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


Text = Annotated[str, BeforeValidator(_as_text), Field(min_length=1)]


class FromSecret(Record):
    """All members come from one secret of the worker."""

    use: Annotated[str, Field(min_length=1)]
    """Name of the secret. Each member is an environment variable of the worker: secret `bank` and
    member `username` are `BANK_USERNAME`."""


class Login(Record):
    """A user and a password."""

    username: Text
    password: Text


class Bearer(Record):
    """A token that opens the door to whoever carries it."""

    token: Text


class OAuthClient(Record):
    """Who this worker is to the authority."""

    id: Text
    secret: Text
    authentication: Literal["client_secret_post", "client_secret_basic"] = "client_secret_post"
    """How id and secret are sent."""


class TokenRequest(Record):
    """How the request for a token is written."""

    encoding: Literal["application/x-www-form-urlencoded", "application/json"] = (
        "application/x-www-form-urlencoded"
    )


class OAuthEndpoints(Record):
    """Where the authority does what."""

    token: Annotated[str, Field(min_length=1)] = "/oauth2/token"  # noqa: S105 (a path)
    """Where tokens are issued: a path below the authority, or a whole URL."""
    revocation: str | None = None
    """Not called: tokens are left to expire."""
    introspection: str | None = None
    """Not called: whoever takes the token judges it."""


class ClientCredentials(Record):
    """A token for this worker itself, asked for with its id and secret."""

    authority: Annotated[str, Field(min_length=1)]
    """URL of the issuer of tokens."""
    grant: Literal["client_credentials"]
    """The other grants need a person, or another's token."""
    client: OAuthClient
    request: TokenRequest = TokenRequest()
    scopes: tuple[str, ...] = ()
    audiences: tuple[str, ...] = ()

    @field_validator("grant", mode="before")
    @classmethod
    def _supported(cls, grant: Any) -> Any:
        if grant != "client_credentials":
            raise ValueError(
                f"grant {str(grant)[:80]!r} is not supported; a worker asks for itself, with "
                "grant `client_credentials`"
            )
        return grant


class OAuth2(ClientCredentials):
    """OAuth 2.0 (RFC 6749)."""

    endpoints: OAuthEndpoints = OAuthEndpoints()


class OpenIdConnect(ClientCredentials):
    """OpenID Connect: the authority says where its tokens are issued.

    `authority` is the issuer, with or without `/.well-known/openid-configuration`.
    """


class Authentication(Record):
    """Exactly one way of saying who is asking."""

    basic: Login | FromSecret | None = None
    bearer: Bearer | FromSecret | None = None
    digest: Login | FromSecret | None = None
    oauth2: OAuth2 | FromSecret | None = None
    oidc: OpenIdConnect | FromSecret | None = None

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        named = [name for name in type(self).model_fields if getattr(self, name) is not None]
        if len(named) != 1:
            found = ", ".join(named) or "none"
            raise ValueError(
                f"one of basic, bearer, digest, oauth2, oidc is expected, found {found}"
            )
        return self
