"""The input of a definition's run, as it is typed."""

import sys
from collections.abc import Iterable
from pathlib import Path

from pydantic import JsonValue

from tenuto.cli.definition_files import SUFFIXES
from tenuto.core.errors import UsageError
from tenuto.definitions.loading import load


def read_input(given: str | None, fields: Iterable[str], schema: JsonValue) -> JsonValue:
    """The input: a file, `-`, or JSON text, in which `fields` (`name=value`) replace members.

    `{}` where nothing is given. A field's value is read as YAML, as text where `schema` says that
    it is a string. Raises UsageError for anything that cannot be read.
    """
    value: JsonValue = {} if given is None else _read(given)
    typed = dict(_pair(each) for each in fields)
    if not typed:
        return value
    if not isinstance(value, dict):
        raise UsageError(
            f"The input is a {type(value).__name__}, and `--field` sets a member of an object;"
            " give all of it with `--input`.",
            code="input.not-an-object",
        )
    return value | {name: _member(name, text, schema) for name, text in typed.items()}


def _read(given: str) -> JsonValue:
    if given == "-":
        return _loaded(sys.stdin.buffer.read(), "standard input")
    if given.lstrip()[:1] in ("{", "[", '"'):
        return _loaded(given.encode(), "--input.json")
    path = Path(given)
    if not path.is_file():
        raise UsageError(
            f"There is no file `{given}`; give a file ({', '.join(SUFFIXES)}), `-`, or JSON.",
            code="input.no-file",
            details={"file": given},
        )
    return _loaded(path.read_bytes(), given)


def read_value(text: str, name: str) -> JsonValue:
    """The value of JSON or YAML text, or of the file that `text` names."""
    if text.endswith(SUFFIXES) and Path(text).is_file():
        return _read(text)
    return _loaded(text.encode(), name)


def _loaded(text: bytes, name: str) -> JsonValue:
    """As a definition is read, so that both mean the same by a number."""
    loaded, findings = load(text, name)
    if loaded is None:
        lines = "\n".join(f"  {each}" for each in findings)
        raise UsageError(f"The input cannot be read:\n{lines}", code="input.file")
    return loaded.value


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise UsageError(
            f"`--field {text}` is not NAME=VALUE.", code="input.field", details={"field": text}
        )
    return name, value


def _member(name: str, text: str, schema: JsonValue) -> JsonValue:
    return text if text == "" or _is_string(name, schema) else _loaded(text.encode(), name)


def _is_string(name: str, schema: JsonValue) -> bool:
    properties = schema.get("properties") if isinstance(schema, dict) else None
    declared = properties.get(name) if isinstance(properties, dict) else None
    return isinstance(declared, dict) and declared.get("type") == "string"
