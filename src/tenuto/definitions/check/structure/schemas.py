"""Whether the JSON Schemas inside a definition are schemas, and refer to nothing outside."""

from collections.abc import Iterator

import jsonschema_rs
from pydantic import JsonValue

from tenuto.definitions.check.parts import part
from tenuto.definitions.check.shown import shown
from tenuto.definitions.check.structure import codes
from tenuto.definitions.findings import Finding
from tenuto.definitions.loaded import Loaded, escaped, pointer_to
from tenuto.definitions.tasks import walk_tasks

_SECTIONS = ("input", "output", "export")
_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def find_invalid_schemas(loaded: Loaded) -> Iterator[Finding]:
    """What is wrong with every `schema.document`. Nothing is fetched."""
    yield from _of(loaded, loaded.value, "")
    for task in walk_tasks(loaded.value):
        yield from _of(loaded, task.body, task.pointer)


def _of(loaded: Loaded, value: JsonValue, at: str) -> Iterator[Finding]:
    for section in _SECTIONS:
        schema = part(value, section, "schema")
        if isinstance(schema, dict) and "document" in schema:
            pointer = f"{at}/{section}/schema/document"
            yield from _schema(loaded, schema["document"], pointer)


def _schema(loaded: Loaded, schema: JsonValue, pointer: str) -> Iterator[Finding]:
    if not isinstance(schema, dict | bool):
        message = f"{shown(schema)} is no JSON Schema; expected a mapping."
        yield loaded.error(codes.SCHEMA, pointer, message)
        return
    foreign = list(_outside(loaded, schema, pointer))
    yield from foreign
    if not foreign:
        yield from _invalid(loaded, schema, pointer)


def _invalid(
    loaded: Loaded, schema: dict[str, JsonValue] | bool, pointer: str
) -> Iterator[Finding]:
    try:
        jsonschema_rs.Draft202012Validator(schema, validate_formats=False, offline=True)
    except jsonschema_rs.ValidationError as error:
        inside = pointer_to(error.instance_path)
        message = f"The JSON Schema is not valid: {error.message}."
        yield loaded.error(codes.SCHEMA, pointer + inside, message)
    except (jsonschema_rs.ReferencingError, ValueError) as error:
        yield loaded.error(codes.SCHEMA, pointer, f"The JSON Schema is not valid: {error}.")


def _outside(loaded: Loaded, value: JsonValue, pointer: str) -> Iterator[Finding]:
    """References that leave the document, and dialects other than the one that is read."""
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from _outside(loaded, item, f"{pointer}/{index}")
    if not isinstance(value, dict):
        return
    for key, member in value.items():
        at = f"{pointer}/{escaped(key)}"
        if not isinstance(member, str):
            yield from _outside(loaded, member, at)
        elif key in ("$ref", "$dynamicRef") and not member.startswith("#"):
            message = f"The schema refers to {shown(member)}, which is not fetched."
            remedy = "Write it out under `$defs`, and refer to it by `#/$defs/...`."
            yield loaded.error(codes.SCHEMA_REFUSED, at, message, remedy)
        elif key == "$schema" and member.rstrip("#") != _DIALECT:
            message = f"The schema is written in {shown(member)}; JSON Schema 2020-12 is read."
            yield loaded.error(codes.SCHEMA_REFUSED, at, message, "Take `$schema` away.")
