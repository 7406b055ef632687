"""How a request to an HTTP interface says who is asking: by reference to a secret only."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from tenuto.catalog.library.fetch.secret_reference import SecretReference
from tenuto.core.records import Record

HEADER_NAME = r"^[!#$%&'*+.^_`|~0-9A-Za-z-]+$"
"""A header's name after RFC 9110, 5.6.2."""


class BearerToken(Record):
    """`Authorization: Bearer <secret>`."""

    kind: Literal["bearer"] = "bearer"
    secret: SecretReference


class HeaderKey(Record):
    """A key in a header of its own."""

    kind: Literal["header"] = "header"
    name: Annotated[str, StringConstraints(pattern=HEADER_NAME)]
    """For example `X-API-Key`."""
    secret: SecretReference


class BasicPassword(Record):
    """`Authorization: Basic <user:secret>`."""

    kind: Literal["basic"] = "basic"
    user: Annotated[str, StringConstraints(pattern=r"^[^:]+$")]
    secret: SecretReference


Auth = Annotated[BearerToken | HeaderKey | BasicPassword, Field(discriminator="kind")]
