"""YAML as version 1.2 reads it: `on` is a word, `17:30` is text, and a digit is never lost.

PyYAML's own constructor follows version 1.1, where `on` is true, `010` is 8, `17:30` is 1050 and
a key given twice silently wins. Here PyYAML parses, and the values are made by the core schema
of YAML 1.2.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Literal

import yaml

from tenuto.core.errors import UsageError

MAX_BYTES = 1_000_000
MAX_DEPTH = 64

_MOST_FLAWS = 20
_MOST_DIGITS = 4_000  # Python refuses to read an int of more than 4,300
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_NULL = re.compile(r"null|Null|NULL|~|")
_TRUE = re.compile(r"true|True|TRUE")
_FALSE = re.compile(r"false|False|FALSE")
_INTEGER = re.compile(r"[-+]?[0-9]+")
_OTHER_BASE = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_NUMBER = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, kw_only=True, slots=True)
class Flaw:
    """Why a text cannot be read, and where."""

    kind: Literal[
        "size",
        "nodes",
        "depth",
        "character",
        "syntax",
        "anchor",
        "tag",
        "documents",
        "key",
        "twice",
    ]
    message: str
    """What is wrong, without a full stop."""
    line: int | None = None
    """From 1; None where the place is unknown."""
    column: int | None = None


def read_yaml(text: str, source: str) -> Any:
    """The value of the one document in `text`: dict, list, str, int, float, Decimal, bool, None.

    A number that a float cannot hold to the last digit becomes a `Decimal`. Raises UsageError
    naming `source`, line and column for what is not YAML, an alias, anchor or tag, a key given
    twice, a second document, a nesting deeper than 64, or more than 1 MB.
    """
    node, flaws = compose(text)
    if flaws:
        raise _refused(flaws[0], source)
    return None if node is None else _value(node, source)


def compose(
    text: str, *, max_nodes: int | None = None
) -> tuple[yaml.nodes.Node | None, list[Flaw]]:
    """The root node of the one document in `text`, and what keeps it from being read.

    With any flaw there is no node; an empty text has neither.
    """
    flaws = _too_large(text) or _unprintable(text)
    if flaws:
        return None, flaws
    try:
        for flaw in _hostile(text, max_nodes):
            flaws.append(flaw)
            if len(flaws) == _MOST_FLAWS:
                break
        node = None if flaws else yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        problem = (error.problem or "cannot be read").rstrip(".")
        return None, [*flaws, _flaw("syntax", f"not valid YAML: {problem}", error.problem_mark)]
    except yaml.YAMLError as error:
        return None, [*flaws, Flaw(kind="syntax", message=f"not valid YAML: {error}")]
    return node, flaws


def plain_value(text: str) -> Any:
    """What a plain (unquoted) scalar means by the core schema.

    None, bool, int, float, str, or a Decimal for a number that a float cannot hold.
    """
    if _NULL.fullmatch(text):
        return None
    if _TRUE.fullmatch(text) or _FALSE.fullmatch(text):
        return text.lower() == "true"
    if _INTEGER.fullmatch(text) and len(text) <= _MOST_DIGITS:
        return int(text)
    if _OTHER_BASE.fullmatch(text):
        return int(text, 0)
    if _NUMBER.fullmatch(text):
        return _number(text)
    return text


def node_value(node: yaml.nodes.ScalarNode) -> Any:
    """What a scalar means: as it stands when quoted, else as `plain_value` reads it."""
    return node.value if node.style in ("'", '"', "|", ">") else plain_value(node.value)


def _number(text: str) -> float | Decimal | str:
    try:
        exact = Decimal(text)
    except InvalidOperation:  # an exponent of twenty digits is nothing that any machine holds
        return text
    near = float(text)
    return near if Decimal(repr(near)) == exact else exact


def _too_large(text: str) -> list[Flaw]:
    if len(text.encode("utf-8", "surrogatepass")) <= MAX_BYTES:
        return []
    larger = f"larger than {MAX_BYTES} bytes; a definition file is far smaller"
    return [Flaw(kind="size", message=larger)]


def _unprintable(text: str) -> list[Flaw]:
    found = _UNPRINTABLE.search(text.removeprefix("\ufeff"))
    if found is None:
        return []
    before = found.string[: found.start()]
    return [
        Flaw(
            kind="character",
            message=f"not valid YAML: the character U+{ord(found[0]):04X} may not stand in it",
            line=before.count("\n") + 1,
            column=len(before) - before.rfind("\n"),
        )
    ]


def _hostile(text: str, max_nodes: int | None) -> Iterator[Flaw]:
    """Walks the events first: composing a hostile file can exhaust memory or the stack."""
    depth = documents = nodes = 0
    for event in yaml.parse(text, Loader=_Loader):
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            yield _flaw("anchor", "anchors and aliases are not allowed", event.start_mark)
        tag = getattr(event, "tag", None)
        if tag:
            shown = tag.replace("tag:yaml.org,2002:", "!!")[:60]
            yield _flaw("tag", f"the tag `{shown}` is not allowed", event.start_mark)
        if isinstance(event, yaml.DocumentStartEvent):
            documents += 1
            if documents > 1:
                yield _flaw("documents", "only one document is allowed", event.start_mark)
                return
        nodes += isinstance(event, yaml.NodeEvent)
        if max_nodes is not None and nodes > max_nodes:
            yield _flaw("nodes", f"more than {max_nodes} values", event.start_mark)
            return
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > MAX_DEPTH:
                yield _flaw("depth", f"nested deeper than {MAX_DEPTH}", event.start_mark)
                return
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


def _value(node: yaml.nodes.Node, source: str) -> Any:
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, source)
    if isinstance(node, yaml.SequenceNode):
        return [_value(each, source) for each in node.value]
    assert isinstance(node, yaml.ScalarNode)  # noqa: S101 (the only other kind)
    return node_value(node)


def _mapping(node: yaml.nodes.MappingNode, source: str) -> dict[Any, Any]:
    mapping: dict[Any, Any] = {}
    for key_node, value_node in node.value:
        if not isinstance(key_node, yaml.ScalarNode):
            flaw = _flaw("key", "a key must be a plain value", key_node.start_mark)
            raise _refused(flaw, source)
        key = node_value(key_node)
        if key in mapping:
            raise _refused(_flaw("twice", f"`{key}` is given twice", key_node.start_mark), source)
        mapping[key] = _value(value_node, source)
    return mapping


def _flaw(kind: Any, message: str, mark: Any) -> Flaw:
    if mark is None:
        return Flaw(kind=kind, message=message)
    return Flaw(kind=kind, message=message, line=mark.line + 1, column=mark.column + 1)


def _refused(flaw: Flaw, source: str) -> UsageError:
    if flaw.kind == "size":
        return UsageError(f"{source}: {flaw.message}.", code="yaml.too-large")
    where = source if flaw.line is None else f"{source}:{flaw.line}:{flaw.column}"
    return UsageError(f"{where}: {flaw.message}.", code="yaml.invalid", details={"file": source})
