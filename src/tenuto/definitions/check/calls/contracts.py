"""The JSON Schemas of catalog entries, with exact amounts marked as such."""

from functools import lru_cache
from typing import Any

from pydantic import TypeAdapter
from pydantic.errors import PydanticInvalidForJsonSchema, PydanticSchemaGenerationError
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

MONEY = "decimal"
"""The `format` of an exact amount."""


class _WithMoney(GenerateJsonSchema):
    """Marks decimals, which pydantic writes as plain strings and numbers."""

    def decimal_schema(self, schema: core_schema.DecimalSchema) -> JsonSchemaValue:
        found = super().decimal_schema(schema)
        return {**found, "format": MONEY}


def request_schema(model: type) -> dict[str, Any]:
    """What the type takes, as JSON Schema; `{}` where it has none."""
    return _schema(model, "validation")


def result_schema(model: Any) -> dict[str, Any]:
    """What the type looks like when a run has it, as JSON Schema; `{}` where it has none."""
    return _schema(model, "serialization")


@lru_cache(maxsize=1024)
def _schema(model: Any, mode: Any) -> dict[str, Any]:
    try:
        return TypeAdapter(model).json_schema(mode=mode, schema_generator=_WithMoney)
    except (PydanticInvalidForJsonSchema, PydanticSchemaGenerationError):
        return {}
