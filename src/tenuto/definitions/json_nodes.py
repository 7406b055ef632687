"""JSON with positions: the same nodes as YAML gives, by the rules of RFC 8259.

A YAML reader takes most JSON, but not escaped surrogate pairs, tabs in front of a key, or long
keys.
"""

import json
import re

import yaml

from tenuto.core.yaml12 import MAX_BYTES, MAX_DEPTH, Flaw

_SPACE = re.compile(r"[ \t\n\r]*")
_SCALAR = re.compile(
    r"(?P<number>-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?)|true|false|null"
)
_STRINGS = json.JSONDecoder()
_SURROGATE = re.compile("[\ud800-\udfff]")


def looks_like_json(text: str) -> bool:
    """Whether the text begins as a JSON object or list does."""
    return text.lstrip(" \t\n\r")[:1] in ("{", "[")


def compose_json(text: str, *, max_nodes: int) -> tuple[yaml.nodes.Node | None, list[Flaw]]:
    """The root node of the JSON text, or why it is none; never raises."""
    if len(text.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        return None, [Flaw(kind="size", message=f"larger than {MAX_BYTES} bytes")]
    try:
        return _Reader(text, max_nodes).document(), []
    except _NotJsonError as error:
        return None, [error.flaw]


class _NotJsonError(Exception):
    def __init__(self, flaw: Flaw) -> None:
        super().__init__(flaw.message)
        self.flaw = flaw


class _Reader:
    def __init__(self, text: str, max_nodes: int) -> None:
        self._text = text
        self._at = 0
        self._left = max_nodes
        self._max_nodes = max_nodes

    def document(self) -> yaml.nodes.Node:
        node = self._value(0)
        self._skip_space()
        if self._at < len(self._text):
            raise self._wrong("syntax", "not valid JSON: text after the end of the value")
        return node

    def _value(self, depth: int) -> yaml.nodes.Node:
        self._skip_space()
        self._left -= 1
        if self._left < 0:
            raise self._wrong("nodes", f"more than {self._max_nodes} values")
        match self._next():
            case "{":
                return self._object(depth + 1)
            case "[":
                return self._array(depth + 1)
            case '"':
                return self._string()
        return self._scalar()

    def _object(self, depth: int) -> yaml.nodes.Node:
        start = self._open(depth)
        members: list[tuple[yaml.nodes.Node, yaml.nodes.Node]] = []
        self._skip_space()
        while self._next() != "}":
            if members:
                self._expect(",")
                self._skip_space()
            if self._next() != '"':
                raise self._wrong("syntax", "not valid JSON: expected a key in double quotes")
            key = self._string()
            self._skip_space()
            self._expect(":")
            members.append((key, self._value(depth)))
            self._skip_space()
        self._at += 1
        return yaml.MappingNode("map", members, start, self._mark())

    def _array(self, depth: int) -> yaml.nodes.Node:
        start = self._open(depth)
        items: list[yaml.nodes.Node] = []
        self._skip_space()
        while self._next() != "]":
            if items:
                self._expect(",")
            items.append(self._value(depth))
            self._skip_space()
        self._at += 1
        return yaml.SequenceNode("seq", items, start, self._mark())

    def _string(self) -> yaml.nodes.ScalarNode:
        start = self._mark()
        try:
            value, end = _STRINGS.raw_decode(self._text, self._at)
        except json.JSONDecodeError as error:
            self._at = error.pos
            raise self._wrong("syntax", f"not valid JSON: {error.msg.rstrip(' at')}") from error
        if _SURROGATE.search(value):
            raise self._wrong("character", "half of a surrogate pair stands alone")
        self._at = end
        return yaml.ScalarNode("str", value, start, self._mark(), style='"')

    def _scalar(self) -> yaml.nodes.ScalarNode:
        found = _SCALAR.match(self._text, self._at)
        if found is None:
            raise self._wrong("syntax", "not valid JSON: expected a value")
        start = self._mark()
        self._at = found.end()
        return yaml.ScalarNode("plain", found[0], start, self._mark())

    def _open(self, depth: int) -> yaml.Mark:
        if depth > MAX_DEPTH:
            raise self._wrong("depth", f"nested deeper than {MAX_DEPTH}")
        start = self._mark()
        self._at += 1
        return start

    def _expect(self, character: str) -> None:
        if self._next() != character:
            raise self._wrong("syntax", f"not valid JSON: expected `{character}`")
        self._at += 1

    def _next(self) -> str:
        return self._text[self._at : self._at + 1]

    def _skip_space(self) -> None:
        found = _SPACE.match(self._text, self._at)
        self._at = found.end() if found else self._at

    def _mark(self) -> yaml.Mark:
        return yaml.Mark("json", self._at, 0, 0, None, 0)

    def _wrong(self, kind: str, message: str) -> _NotJsonError:
        before = self._text[: self._at]
        line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
        return _NotJsonError(Flaw(kind=kind, message=message, line=line, column=column))  # type: ignore[arg-type]
