"""Where in a YAML text something stands, for messages that name file, line, and column."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from tenuto.definitions.check.nearest import did_you_mean
from tenuto.definitions.model_paths import fields_at

Path = Sequence[str | int]


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One thing that is wrong in a file, and where."""

    file: str
    line: int
    """From 1."""
    column: int
    """From 1."""
    key: str
    """Dotted path of what is wrong."""
    message: str
    """What was found, what is expected."""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: `{self.key}`: {self.message}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Places:
    """The places of a document's values."""

    file: str
    root: Node

    def finding(self, path: Path, message: str) -> Finding:
        """`message` about what stands at `path`, or at the nearest place above it."""
        mark = self._node(path).start_mark
        return Finding(
            file=self.file,
            line=mark.line + 1,
            column=mark.column + 1,
            key=".".join(map(str, path)) or "the file",
            message=message,
        )

    def findings(
        self, wrong: ValidationError, model: type[BaseModel], above: Path = ()
    ) -> Iterable[Finding]:
        """What `wrong`, of a value below `above`, says, in words, each at its place."""
        errors = wrong.errors(include_url=False, include_input=False)
        for error in errors:
            if error["type"] == "too_short" and _is_above_another(error, errors):
                continue  # pydantic does not count what is wrong in itself
            yield self.finding(self._known((*above, *error["loc"])), _said(error, model))

    def _known(self, path: Path) -> list[str | int]:
        """`path` without the names of alternatives that pydantic puts between keys."""
        known: list[str | int] = []
        node: Node | None = self.root
        for number, part in enumerate(path):
            below = _below(node, part)
            if below is None and number < len(path) - 1 and node is not None:
                continue
            known.append(part)
            node = below[1] if below else None
        return known

    def _node(self, path: Path) -> Node:
        node, place = self.root, self.root
        for part in path:
            below = _below(node, part)
            if below is None:
                break
            place, node = below
        return place


def _below(node: Node | None, part: str | int) -> tuple[Node, Node] | None:
    """Key and value, or twice the item."""
    if isinstance(node, MappingNode):
        for key, value in node.value:
            if isinstance(key, ScalarNode) and key.value == str(part):
                return key, value
    if isinstance(node, SequenceNode) and isinstance(part, int) and part < len(node.value):
        return node.value[part], node.value[part]
    return None


def _said(error: ErrorDetails, model: type[BaseModel]) -> str:
    if error["type"] == "extra_forbidden":
        known = fields_at(model, error["loc"][:-1])
        return f"is not known here. {did_you_mean(str(error['loc'][-1]), known)}"
    if error["type"] == "missing":
        return "is missing"
    if error["type"] == "literal_error":
        return f"is not one of {error['ctx']['expected']}"
    if error["type"].startswith("time_delta"):
        return "is no span of time; write for example `5 minutes`"
    words = error["msg"].removeprefix("Value error, ")
    return words[0].lower() + words[1:]


def _is_above_another(error: ErrorDetails, errors: Sequence[ErrorDetails]) -> bool:
    place = error["loc"]
    return any(each is not error and each["loc"][: len(place)] == place for each in errors)
