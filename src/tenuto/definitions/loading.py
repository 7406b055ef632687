"""Reads a definition, YAML 1.2 or JSON, with the place of every value in its file."""

import bisect
import re
from decimal import Decimal

import yaml
from pydantic import JsonValue

from tenuto.core.yaml12 import Flaw, compose, node_value
from tenuto.definitions.check import reading_codes as codes
from tenuto.definitions.check.shown import named
from tenuto.definitions.findings import Finding, Severity
from tenuto.definitions.json_nodes import compose_json, looks_like_json
from tenuto.definitions.loaded import Loaded, Place, Span, escaped
from tenuto.definitions.syntax_remedies import USUAL, remedy_for

MAX_NODES = 50_000

_MOST_EXACT = 2**53
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_LINE_BREAK = re.compile("\r\n|\r|\n")

_FLAWS: dict[str, tuple[str, str]] = {
    "syntax": (codes.SYNTAX, USUAL),
    "anchor": (codes.ANCHOR, "Write the value out; what tasks share goes under `use`."),
    "tag": (codes.TAG, "Take the tag away; put text in quotes."),
    "documents": (codes.DOCUMENTS, "Give each definition a file of its own."),
    "depth": (codes.DEPTH, "Split the definition; `run.workflow` runs another one."),
    "nodes": (codes.SIZE, "Split the definition; data belongs in the input or in a file."),
    "size": (codes.SIZE, "Split the definition; data belongs in the input or in a file."),
    "character": (codes.CHARACTER, "Take the character away."),
}


def load(text: str | bytes, file: str) -> tuple[Loaded | None, list[Finding]]:
    """The definition in `text` with its places, and what is wrong with it; never raises.

    With any error there is no definition. `file` is what findings name; a name that ends in
    `.json` is read as JSON alone.
    """
    try:
        text = text.decode() if isinstance(text, bytes) else text
    except UnicodeDecodeError as error:
        return None, [_not_utf8(error, file)]
    text = text.removeprefix("\ufeff")
    node, flaws = _compose(text, file)
    if flaws:
        return None, [_finding(flaw, text, file) for flaw in flaws]
    if node is None:
        return None, [_empty(file)]
    return _Reading(text, file).of(node)


def _compose(text: str, file: str) -> tuple[yaml.nodes.Node | None, list[Flaw]]:
    must_be_json = file.endswith(".json")
    if must_be_json or looks_like_json(text):
        node, flaws = compose_json(text, max_nodes=MAX_NODES)
        if must_be_json or not flaws or flaws[0].kind != "syntax":
            return node, flaws
    return compose(text, max_nodes=MAX_NODES)


class _Reading:
    """Makes values of nodes, and writes down where each stood."""

    def __init__(self, text: str, file: str) -> None:
        self._text = text
        self._file = file
        self._spans: dict[str, Span] = {}
        self._findings: list[Finding] = []
        self._starts = [0, *(found.end() for found in _LINE_BREAK.finditer(text))]

    def of(self, node: yaml.nodes.Node) -> tuple[Loaded | None, list[Finding]]:
        value = self._value(node, "", None)
        loaded = Loaded(file=self._file, text=self._text, value=value, spans=self._spans)
        is_whole = all(found.severity is Severity.WARNING for found in self._findings)
        return loaded if is_whole else None, self._findings

    def _value(self, node: yaml.nodes.Node, pointer: str, key: Place | None) -> JsonValue:
        self._spans[pointer] = self._span(node, key)
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, pointer)
        if isinstance(node, yaml.SequenceNode):
            return [
                self._value(each, f"{pointer}/{index}", None)
                for index, each in enumerate(node.value)
            ]
        assert isinstance(node, yaml.ScalarNode)  # noqa: S101 (the only other kind)
        return self._scalar(node, pointer)

    def _mapping(self, node: yaml.nodes.MappingNode, pointer: str) -> dict[str, JsonValue]:
        mapping: dict[str, JsonValue] = {}
        for key_node, value_node in node.value:
            place = self._place(key_node)
            key = node_value(key_node) if isinstance(key_node, yaml.ScalarNode) else None
            if not isinstance(key, str):
                self._key_is_no_text(key_node, pointer, place)
            elif key in mapping:
                message = f"{named(key)} stands twice in the same mapping."
                remedy = "Take one of the two away."
                self._error(codes.TWICE, f"{pointer}/{escaped(key)}", place, message, remedy)
            else:
                at = f"{pointer}/{escaped(key)}"
                self._refuse_control_characters(key, at, place)
                mapping[key] = self._value(value_node, at, place)
        return mapping

    def _scalar(self, node: yaml.nodes.ScalarNode, pointer: str) -> JsonValue:
        value: JsonValue | Decimal = node_value(node)
        if isinstance(value, str):
            self._refuse_control_characters(value, pointer, self._place(node))
            return value
        if isinstance(value, Decimal) or _is_large(value):
            self._number_became_text(node, pointer)
            return str(node.value)
        return value

    def _span(self, node: yaml.nodes.Node, key: Place | None) -> Span:
        quoted = isinstance(node, yaml.ScalarNode) and node.style in ("'", '"')
        indent = 1 if quoted else 0
        is_plain = (
            isinstance(node, yaml.ScalarNode)
            and "\n" not in node.value
            and self._text.startswith(node.value, node.start_mark.index + indent)
        )
        return Span(self._place(node), key, is_plain, indent)

    def _place(self, node: yaml.nodes.Node) -> Place:
        index: int = node.start_mark.index
        line = bisect.bisect_right(self._starts, index)
        return Place(line, index - self._starts[line - 1] + 1)

    def _key_is_no_text(self, node: yaml.nodes.Node, pointer: str, place: Place) -> None:
        written = node.value if isinstance(node, yaml.ScalarNode) else None
        found = named(written) if written is not None else "A list or mapping"
        remedy = f'Write "{written}" in quotes.' if written else "Write a name in its place."
        self._error(codes.KEY, pointer, place, f"{found} is a key, and no text.", remedy)

    def _refuse_control_characters(self, text: str, pointer: str, place: Place) -> None:
        found = _CONTROL.search(text)
        if found:
            message = f"The text holds the control character U+{ord(found[0]):04X}."
            self._error(codes.CHARACTER, pointer, place, message, _FLAWS["character"][1])

    def _number_became_text(self, node: yaml.nodes.ScalarNode, pointer: str) -> None:
        message = f"{named(node.value)} has more digits than a number keeps, and is read as text."
        self._add(
            codes.NUMBER, Severity.WARNING, pointer, self._place(node), message, "Put it in quotes."
        )

    def _error(self, code: str, pointer: str, place: Place, message: str, remedy: str) -> None:
        self._add(code, Severity.ERROR, pointer, place, message, remedy)

    def _add(
        self, code: str, severity: Severity, pointer: str, at: Place, message: str, remedy: str
    ) -> None:
        self._findings.append(
            Finding(
                code=code,
                severity=severity,
                file=self._file,
                line=at.line,
                column=at.column,
                path=pointer,
                message=message,
                remedy=remedy,
            )
        )


def _is_large(value: object) -> bool:
    return isinstance(value, int) and not -_MOST_EXACT <= value <= _MOST_EXACT


def _finding(flaw: Flaw, text: str, file: str) -> Finding:
    code, remedy = _FLAWS[flaw.kind]
    if flaw.kind == "syntax" and not flaw.message.startswith("not valid JSON"):
        remedy = remedy_for(text, flaw.line)
    return Finding(
        code=code,
        severity=Severity.ERROR,
        file=file,
        line=flaw.line or 1,
        column=flaw.column or 1,
        path="",
        message=f"{flaw.message[:1].upper()}{flaw.message[1:]}.",
        remedy=remedy,
    )


def _empty(file: str) -> Finding:
    return Finding(
        code=codes.DOCUMENTS,
        severity=Severity.ERROR,
        file=file,
        line=1,
        column=1,
        path="",
        message="The file holds no document.",
        remedy="Write a definition: `document` and `do`.",
    )


def _not_utf8(error: UnicodeDecodeError, file: str) -> Finding:
    before = error.object[: error.start]
    return Finding(
        code=codes.ENCODING,
        severity=Severity.ERROR,
        file=file,
        line=before.count(b"\n") + 1,
        column=error.start - before.rfind(b"\n"),
        path="",
        message=f"Byte 0x{error.object[error.start]:02X} is not UTF-8.",
        remedy="Save the file as UTF-8.",
    )
