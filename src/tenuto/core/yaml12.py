"""YAML as version 1.2 reads it: `on` is a word, `17:30` is text, and a digit is never lost.

PyYAML's own constructor follows version 1.1, where `on` is true, `010` is 8, `17:30` is 1050 and
a key given twice silently wins. Here PyYAML parses, and the values are made by the core schema
of YAML 1.2.
"""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import yaml

from tenuto.core.errors import UsageError

MAX_BYTES = 1_000_000
MAX_DEPTH = 64

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_NULL = re.compile(r"null|Null|NULL|~|")
_TRUE = re.compile(r"true|True|TRUE")
_FALSE = re.compile(r"false|False|FALSE")
_INTEGER = re.compile(r"[-+]?[0-9]+")
_OTHER_BASE = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_NUMBER = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")


def read_yaml(text: str, source: str) -> Any:
    """The value of the one document in `text`: dict, list, str, int, float, Decimal, bool, None.

    A number that a float cannot hold to the last digit becomes a `Decimal`. Raises UsageError
    naming `source`, line and column for what is not YAML, an alias or anchor, a key given twice,
    a second document, a nesting deeper than 64, or more than 1 MB.
    """
    if len(text.encode()) > MAX_BYTES:
        raise UsageError(
            f"{source}: larger than {MAX_BYTES} bytes; a definition file is far smaller.",
            code="yaml.too-large",
        )
    try:
        _refuse_hostile(text, source)
        node = yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        problem = (error.problem or "cannot be read").rstrip(".")
        raise _wrong(source, error.problem_mark, f"not valid YAML: {problem}") from error
    except yaml.YAMLError as error:
        raise UsageError(f"{source}: not valid YAML: {error}.", code="yaml.invalid") from error
    return None if node is None else _value(node, source)


def _refuse_hostile(text: str, source: str) -> None:
    """Walks the events first: composing a hostile file can exhaust memory or the stack."""
    depth = documents = 0
    for event in _events(text):
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise _wrong(source, event.start_mark, "anchors and aliases are not allowed")
        if isinstance(event, yaml.DocumentStartEvent):
            documents += 1
            if documents > 1:
                raise _wrong(source, event.start_mark, "only one document is allowed")
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > MAX_DEPTH:
                raise _wrong(source, event.start_mark, f"nested deeper than {MAX_DEPTH}")
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


def _events(text: str) -> Iterator[yaml.Event]:
    return yaml.parse(text, Loader=_Loader)


def _value(node: yaml.Node, source: str) -> Any:
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, source)
    if isinstance(node, yaml.SequenceNode):
        return [_value(each, source) for each in node.value]
    assert isinstance(node, yaml.ScalarNode)  # noqa: S101 (the only other kind)
    return node.value if node.style in ("'", '"', "|", ">") else _scalar(node.value)


def _mapping(node: yaml.MappingNode, source: str) -> dict[Any, Any]:
    mapping: dict[Any, Any] = {}
    for key_node, value_node in node.value:
        if not isinstance(key_node, yaml.ScalarNode):
            raise _wrong(source, key_node.start_mark, "a key must be a plain value")
        key = _value(key_node, source)
        if key in mapping:
            raise _wrong(source, key_node.start_mark, f"`{key}` is given twice")
        mapping[key] = _value(value_node, source)
    return mapping


def _scalar(text: str) -> Any:
    if _NULL.fullmatch(text):
        return None
    if _TRUE.fullmatch(text) or _FALSE.fullmatch(text):
        return text.lower() == "true"
    if _INTEGER.fullmatch(text):
        return int(text)
    if _OTHER_BASE.fullmatch(text):
        return int(text, 0)
    if _NUMBER.fullmatch(text):
        exact = Decimal(text)
        near = float(text)
        return near if Decimal(repr(near)) == exact else exact
    return text


def _wrong(source: str, mark: Any, problem: str) -> UsageError:
    where = f"{source}:{mark.line + 1}:{mark.column + 1}" if mark else source
    return UsageError(f"{where}: {problem}.", code="yaml.invalid", details={"file": source})
