"""`call.openapi`: one operation of an interface that an OpenAPI document describes."""

from typing import Annotated

from pydantic import ConfigDict, Field, JsonValue

from tenuto.catalog.library.definitions.authentication import Authentication
from tenuto.catalog.library.definitions.http import (
    AnyEndpoint,
    OutputFormat,
    Places,
)
from tenuto.core.records import Record


class ExternalResource(Record):
    """A document of somebody else's."""

    endpoint: AnyEndpoint
    name: str | None = None


class OpenApiCall(Record):
    """Which operation, with which parameters."""

    model_config = ConfigDict(validate_by_name=True)

    document: ExternalResource
    """OpenAPI 2.0, 3.0, or 3.1, as JSON or YAML; references lead within it only."""
    operation_id: Annotated[str, Field(min_length=1, alias="operationId")]
    parameters: dict[str, JsonValue] = Field(default_factory=dict)
    """By name; the request's body is `body`. Null is as if not given."""
    authentication: Authentication | None = None
    output: OutputFormat = "content"
    redirect: bool = False
    """As of `call.http`."""
    secrets: Places = ()
    """As of `call.http`: `/parameters/apiKey`."""
