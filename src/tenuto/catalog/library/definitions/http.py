"""`call.http`: one request to an HTTP interface, as the specification's HTTP call describes it."""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, JsonValue, RootModel, StringConstraints

from tenuto.catalog.library.definitions.authentication import Authentication
from tenuto.catalog.library.definitions.secrets import Place
from tenuto.core.records import Record

OutputFormat = Literal["content", "raw", "response"]
"""`content`: the answer's content, JSON read; `raw`: its bytes in base64; `response`: request,
status, headers, and content."""

Scalar = str | int | float | bool


class Endpoint(Record):
    """An address, and how to ask there."""

    uri: Annotated[str, Field(min_length=1)]
    """`https://host/path?query`, without credentials. A private address must be in the worker's
    `TENUTO_HTTP_ALLOW`."""
    authentication: Authentication | None = None
    """With it, redirects to another origin are followed without it."""


def _as_endpoint(value: Any) -> Any:
    return {"uri": value} if isinstance(value, str) else value


AnyEndpoint = Annotated[Endpoint, BeforeValidator(_as_endpoint)]
"""A URL as text, or an object with `uri` and `authentication`."""

Places = Annotated[tuple[Place, ...], Field(max_length=100)]


class HttpCall(Record):
    """What to ask for, of whom, and in which form the answer is wanted."""

    method: Annotated[str, StringConstraints(pattern=r"^[A-Za-z]{1,20}$")]
    endpoint: AnyEndpoint
    headers: dict[str, Scalar | None] = Field(default_factory=dict)
    """Null is left out. An `Idempotency-Key` here says that the service honours it: only then is a
    POST or PATCH repeated that may have been received. Without it, every such request carries one
    made of the run and the step."""
    body: JsonValue = None
    """Text is sent as it stands, an object as a form where `content-type` says so, everything
    else as JSON."""
    query: dict[str, Scalar | list[Scalar] | None] = Field(default_factory=dict)
    """Added to the query of the address; a list is repeated, null is left out."""
    output: OutputFormat = "content"
    redirect: bool = False
    """Whether 300 to 399 is a success. A GET or HEAD is then sent on, up to three times; without
    credentials and secrets where that leads to another origin."""
    secrets: Places = ()
    """Where references such as `secret://env/NAME` stand, as JSON pointers: `/headers/X-Key`."""


class CallOutput(RootModel[JsonValue]):
    """What the call gives: content, base64 text, or a response, as `output` asked for it.

    A response is `{request: {method, uri, headers}, statusCode, headers, content}`, header names in
    lower case. Content is JSON where its type says so, text where it is text, else base64; null for
    none. A number that a float cannot hold is text. Secrets are `***`.
    """
