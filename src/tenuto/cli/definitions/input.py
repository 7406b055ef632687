"""The input of a definition's run, as it is typed."""

import sys
from collections.abc import Iterable
from pathlib import Path

from pydantic import JsonValue

from tenuto.cli.definitions.files import SUFFIXES
from tenuto.core.errors import UsageError
from tenuto.definitions.loading import load
from tenuto.triggers.typed_lists import WRITTEN_OUT


def read_input(given: str | None, fields: Iterable[str], schema: JsonValue) -> JsonValue:
    """The input: a file, `-`, or JSON text, in which `fields` (`name=value`) replace members.

    `{}` where nothing is given. A field's value is read as YAML, as text where `schema` says that
    it is a string. Where it says that it is an array, a field may stand several times, an item
    each time. Raises UsageError for anything that cannot be read.
    """
    value: JsonValue = {} if given is None else _read(given)
    typed: dict[str, list[str]] = {}
    for name, text in map(_pair, fields):
        typed.setdefault(name, []).append(text)
    if not typed:
        return value
    if not isinstance(value, dict):
        raise UsageError(
            f"The input is a {type(value).__name__}, and `--field` sets a member of an object;"
            " give all of it with `--input`.",
            code="input.not-an-object",
        )
    return value | {name: _member(name, texts, schema) for name, texts in typed.items()}


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


def _member(name: str, texts: list[str], schema: JsonValue) -> JsonValue:
    declared = _declared(name, schema)
    if declared.get("type") == "array" and not _is_written_out(texts):
        items = declared.get("items")
        return [_value(name, text, items if isinstance(items, dict) else {}) for text in texts]
    if len(texts) > 1:
        raise UsageError(
            f"`{name}` takes one value and was given {len(texts)} times; give it once.",
            code="input.given-twice",
            details={"field": name},
        )
    return _value(name, texts[0], declared)


def _is_written_out(texts: list[str]) -> bool:
    """Whether the text is the whole array as JSON or YAML."""
    return len(texts) == 1 and texts[0].lstrip().startswith(WRITTEN_OUT)


def _value(name: str, text: str, declared: dict[str, JsonValue]) -> JsonValue:
    is_text = text == "" or declared.get("type") == "string"
    return text if is_text else _loaded(text.encode(), name)


def _declared(name: str, schema: JsonValue) -> dict[str, JsonValue]:
    properties = schema.get("properties") if isinstance(schema, dict) else None
    declared = properties.get(name) if isinstance(properties, dict) else None
    return declared if isinstance(declared, dict) else {}
