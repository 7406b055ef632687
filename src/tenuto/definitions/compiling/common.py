"""What every task may have: condition, data flow, timeout, and where to go on."""

from typing import Any

from pydantic import JsonValue

from tenuto.core.errors import UsageError
from tenuto.definitions.compiling.reading import reads_task_definition
from tenuto.definitions.compiling.scope import Scope
from tenuto.definitions.compiling.shape import mapping, optional_mapping, text
from tenuto.definitions.plan import Template


def common_fields(name: str, body: dict[str, JsonValue], at: str, scope: Scope) -> dict[str, Any]:
    """The fields of `TaskBase`, by name."""
    takes = optional_mapping(body.get("input"), f"{at}/input")
    gives = optional_mapping(body.get("output"), f"{at}/output")
    exports = optional_mapping(body.get("export"), f"{at}/export")
    metadata = optional_mapping(body.get("metadata"), f"{at}/metadata")
    attributes = optional_mapping(
        metadata.get("searchAttributes"), f"{at}/metadata/searchAttributes"
    )
    return {
        "name": name,
        "at": at,
        "if_": scope.optional_expression(body.get("if"), f"{at}/if"),
        "input_schema": schema_document(takes.get("schema"), f"{at}/input/schema"),
        "input_from": scope.optional_expression_or_object(takes.get("from")),
        "output_as": scope.optional_expression_or_object(gives.get("as")),
        "output_schema": schema_document(gives.get("schema"), f"{at}/output/schema"),
        "export_as": scope.optional_expression_or_object(exports.get("as")),
        "export_schema": schema_document(exports.get("schema"), f"{at}/export/schema"),
        "timeout": duration_of_timeout(body.get("timeout"), scope, f"{at}/timeout"),
        "then": text(body.get("then", "continue"), f"{at}/then"),
        "search_attributes": {key: scope.template(each) for key, each in attributes.items()},
        "definition": body if reads_task_definition(body) else None,
        "around": scope.extended.reference if scope.extended else None,
    }


def schema_document(value: JsonValue, at: str) -> JsonValue:
    """The JSON Schema itself; None where no schema is given.

    Raises UsageError `definition.schema-elsewhere` for one that stands in another file: a plan
    holds all that its run needs.
    """
    if value is None:
        return None
    schema = mapping(value, at)
    if "document" not in schema:
        raise UsageError(
            f"`{at}` refers to a schema outside the definition; write it out under `document`.",
            code="definition.schema-elsewhere",
            details={"path": at},
        )
    return schema["document"]


def duration_of_timeout(value: JsonValue, scope: Scope, at: str) -> Template:
    """The duration after which it times out; None where it does not."""
    if value is None:
        return None
    timeout = mapping(scope.resolved("timeouts", value, at), at)
    return scope.template(timeout.get("after"))
