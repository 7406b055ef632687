"""`definitions.load`: a stored definition's plan, for a run that starts another definition."""

from typing import Annotated

from pydantic import Field, JsonValue

from tenuto.core.records import Record

_Name = Annotated[str, Field(min_length=1, max_length=200)]


class LoadRequest(Record):
    """Which definition."""

    namespace: _Name
    name: _Name
    version: _Name = "latest"
    """A version, or `latest`."""


class LoadedDefinition(Record):
    """A deployed definition, ready to be run."""

    plan: dict[str, JsonValue]
    """A `tenuto.definitions.plan.Plan`."""
    digest: str
    """SHA-256 of the plan."""
    version: str
    """The version that was found."""
