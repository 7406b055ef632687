"""What a jq expression gives and reads, worked out from its text and the shapes of its data."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from functools import lru_cache
from typing import Any, NamedTuple

from tenuto.definitions.check.shapes.jq_functions import (
    BOOLEAN,
    NUMBER,
    ON_ELEMENTS,
    ON_SAME,
    STRING,
    result,
)
from tenuto.definitions.check.shapes.jq_sums import merged
from tenuto.definitions.check.shapes.shapes import (
    ANY,
    NOTHING,
    NULL,
    Alternative,
    Shape,
    of_array,
    of_literal,
    of_object,
    union,
)
from tenuto.definitions.expressions.engine import errors
from tenuto.definitions.expressions.stack import on_enough_stack
from tenuto.definitions.expressions.syntax import read

Node = tuple[Any, ...]
"""As the parser makes them: the kind of node, then its parts."""

Variables = Mapping[str, Shape]


class Fault(Enum):
    """What is worth saying of a reading."""

    NO_SUCH_FIELD = auto()
    NOT_NAMED = auto()
    NO_OBJECT = auto()
    NO_ARRAY = auto()
    MONEY = auto()
    NEVER_EQUAL = auto()
    ALWAYS_UNLIKE = auto()


class Reading(NamedTuple):
    """One reading that goes wrong, one calculation with money, or one comparison that says
    nothing."""

    fault: Fault
    shape: Shape
    """What is read from."""
    name: str
    """The member read, the sign (`[`, `+`), or the text compared with."""
    is_tolerated: bool
    """Whether the expression provides for there being nothing."""


@dataclass(slots=True)
class Traced:
    """What an expression gives, and what it reads wrongly."""

    shape: Shape = ANY
    readings: list[Reading] = field(default_factory=list)


def trace(jq: str, dot: Shape, variables: Variables) -> Traced:
    """The shape of what `jq` gives over `dot`. Whatever is not certain is anything."""
    node = _parsed(jq)
    return Traced() if node is None else on_enough_stack(lambda: _traced(node, jq, dot, variables))


def _traced(node: Node, jq: str, dot: Shape, variables: Variables) -> Traced:
    tracer = _Tracer(is_tolerant="has(" in jq)
    return Traced(tracer.shape(node, dot, variables), tracer.readings)


@lru_cache(maxsize=2048)
def _parsed(jq: str) -> Node | None:
    try:
        tree: Node = on_enough_stack(lambda: read(jq).tree)
    except errors.JqParseError:
        return None
    return tree


class _Tracer:
    """Walks an expression with the shapes of what each part of it is evaluated over."""

    def __init__(self, *, is_tolerant: bool) -> None:
        self.readings: list[Reading] = []
        self._is_tolerant = is_tolerant
        self._defined: set[str] = set()

    def shape(self, node: Node, dot: Shape, known: Variables) -> Shape:
        """What `node` gives; readings that go wrong are kept."""
        kind, *parts = node
        trace_kind = getattr(self, f"_{kind}", None)
        return trace_kind(dot, known, *parts) if trace_kind else ANY

    def _tolerating(self, node: Node, dot: Shape, known: Variables) -> Shape:
        before, self._is_tolerant = self._is_tolerant, True
        try:
            return self.shape(node, dot, known)
        finally:
            self._is_tolerant = before

    def _note(self, fault: Fault, shape: Shape, name: str) -> None:
        self.readings.append(Reading(fault, shape, name, self._is_tolerant))

    # Paths.

    def _identity(self, dot: Shape, known: Variables) -> Shape:
        return dot

    def _var(self, dot: Shape, known: Variables, name: str) -> Shape:
        return known.get(name, ANY)

    def _field(self, dot: Shape, known: Variables, base: Node, name: str) -> Shape:
        whole = self.shape(base, dot, known)
        self._read_member(whole, name)
        return whole.member(name)

    def _index(self, dot: Shape, known: Variables, base: Node, index: Node) -> Shape:
        whole, at = self.shape(base, dot, known), self.shape(index, dot, known)
        if index[0] == "const" and isinstance(index[1], str):
            self._read_member(whole, index[1])
            return whole.member(index[1])
        if at.kinds == {"number"}:
            if whole.kinds and not whole.kinds & {"array", "null"}:
                self._note(Fault.NO_ARRAY, whole, "[")
            if whole.kinds <= {"array", "null"} and whole.kinds:
                return union([whole.elements(), NULL])
        return ANY

    def _slice(
        self, dot: Shape, known: Variables, base: Node, low: Node | None, high: Node | None
    ) -> Shape:
        for bound in (low, high):
            if bound is not None:
                self.shape(bound, dot, known)
        return self.shape(base, dot, known).of_any_text

    def _iterate(self, dot: Shape, known: Variables, base: Node) -> Shape:
        whole = self.shape(base, dot, known)
        if whole.kinds and not whole.kinds & {"array", "object", "null"}:
            self._note(Fault.NO_ARRAY, whole, "[")
        return whole.elements()

    def _read_member(self, whole: Shape, name: str) -> None:
        kinds = whole.kinds
        if kinds and not kinds & {"object", "null"}:
            self._note(Fault.NO_OBJECT, whole, name)
        elif whole.never_has(name):
            self._note(Fault.NO_SUCH_FIELD, whole, name)
        elif whole.never_names(name):
            self._note(Fault.NOT_NAMED, whole, name)

    # Flow.

    def _pipe(self, dot: Shape, known: Variables, left: Node, right: Node) -> Shape:
        return self.shape(right, self.shape(left, dot, known), known)

    def _comma(self, dot: Shape, known: Variables, left: Node, right: Node) -> Shape:
        return union([self.shape(left, dot, known), self.shape(right, dot, known)])

    def _alt(self, dot: Shape, known: Variables, left: Node, right: Node) -> Shape:
        first = self._tolerating(left, dot, known)
        return union([first, self.shape(right, dot, known)])

    def _opt(self, dot: Shape, known: Variables, body: Node) -> Shape:
        return self._tolerating(body, dot, known)

    def _try(self, dot: Shape, known: Variables, body: Node, handler: Node | None) -> Shape:
        tried = self._tolerating(body, dot, known)
        return union([tried, self.shape(handler, ANY, known)]) if handler else tried

    def _if(
        self,
        dot: Shape,
        known: Variables,
        branches: list[tuple[Node, Node]],
        otherwise: Node | None,
    ) -> Shape:
        given = []
        for condition, body in branches:
            self.shape(condition, dot, known)
            given.append(self.shape(body, dot, known))
        given.append(self.shape(otherwise, dot, known) if otherwise else dot)
        return union(given)

    def _as(
        self, dot: Shape, known: Variables, source: Node, patterns: list[Node], body: Node
    ) -> Shape:
        bound = self._bound(self.shape(source, dot, known), patterns)
        return self.shape(body, dot, {**known, **bound})

    def _reduce(
        self,
        dot: Shape,
        known: Variables,
        source: Node,
        patterns: list[Node],
        start: Node,
        step: Node,
    ) -> Shape:
        inner = {**known, **self._bound(self.shape(source, dot, known), patterns)}
        self.shape(start, dot, known)
        self.shape(step, ANY, inner)
        return ANY

    def _bound(self, source: Shape, patterns: list[Node]) -> dict[str, Shape]:
        if len(patterns) == 1 and patterns[0][0] == "pvar":
            return {patterns[0][1]: source}
        return dict.fromkeys(_names(patterns), ANY)

    def _funcdef(
        self,
        dot: Shape,
        known: Variables,
        name: str,
        parameters: list[str],
        body: Node,
        rest: Node,
    ) -> Shape:
        self._defined.add(name)
        return self.shape(rest, dot, known)

    def _label(self, dot: Shape, known: Variables, name: str, body: Node) -> Shape:
        return self.shape(body, dot, known)

    def _call(self, dot: Shape, known: Variables, name: str, given: list[Node]) -> Shape:
        if name in self._defined:
            return ANY
        if name == "IN":
            return self._in(dot, known, given)
        if name in ON_ELEMENTS or (name in ("any", "all") and len(given) == 1):
            seen = dot.elements()
        elif name in ON_SAME:
            seen = dot
        else:
            return result(name, dot, [ANY for _ in given])
        return result(name, dot, [self.shape(each, seen, known) for each in given])

    def _in(self, dot: Shape, known: Variables, given: list[Node]) -> Shape:
        found = self.shape(given[0], dot, known) if len(given) == 2 else dot
        for node in _choices(given[-1]):
            self.shape(node, dot, known)
            self._compare(found, node, Fault.NEVER_EQUAL)
        return BOOLEAN

    def _assign(self, dot: Shape, known: Variables, sign: str, left: Node, right: Node) -> Shape:
        self.shape(right, dot if sign == "=" else ANY, known)
        return ANY

    # Values.

    def _const(self, dot: Shape, known: Variables, value: Any) -> Shape:
        return of_literal(value)

    def _str(self, dot: Shape, known: Variables, style: str | None, parts: list[Any]) -> Shape:
        for part in parts:
            if not isinstance(part, str):
                self.shape(part, dot, known)
        return STRING

    def _format(self, dot: Shape, known: Variables, style: str) -> Shape:
        return STRING

    def _emptyarray(self, dot: Shape, known: Variables) -> Shape:
        return of_array(NOTHING)

    def _collect(self, dot: Shape, known: Variables, body: Node) -> Shape:
        return of_array(self.shape(body, dot, known))

    def _object(self, dot: Shape, known: Variables, entries: list[tuple[Node, Node]]) -> Shape:
        members: dict[str, Shape] = {}
        is_closed = True
        for key, value in entries:
            given = self.shape(value, dot, known)
            if key[0] == "const" and isinstance(key[1], str):
                members[key[1]] = given
            else:
                self.shape(key, dot, known)
                is_closed = False
        if not is_closed:
            return Shape((Alternative(kind="object"),))
        return of_object(members)

    # Calculating and comparing.

    def _and(self, dot: Shape, known: Variables, left: Node, right: Node) -> Shape:
        self.shape(left, dot, known)
        self.shape(right, dot, known)
        return BOOLEAN

    _or = _and

    def _neg(self, dot: Shape, known: Variables, body: Node) -> Shape:
        of = self.shape(body, dot, known)
        if of.is_money:
            self._note(Fault.MONEY, of, "-")
        return NUMBER

    def _binop(self, dot: Shape, known: Variables, sign: str, left: Node, right: Node) -> Shape:
        if sign in ("==", "!=") and ("const", None) in (left, right):
            self._tolerating(left, dot, known)
            self._tolerating(right, dot, known)
            return BOOLEAN
        first, second = self.shape(left, dot, known), self.shape(right, dot, known)
        if sign in ("==", "!="):
            fault = Fault.NEVER_EQUAL if sign == "==" else Fault.ALWAYS_UNLIKE
            self._compare(first, right, fault)
            self._compare(second, left, fault)
            return BOOLEAN
        is_text = sign == "+" and (_is_text(left) or _is_text(right))
        compares = sign in ("<", "<=", ">", ">=")
        amounts = [each for each in (first, second) if each.is_money]
        # An amount made a number on purpose may be held against a limit.
        if amounts and not is_text and not (compares and amounts[0].kinds == {"number"}):
            self._note(Fault.MONEY, amounts[0], sign)
        if compares:
            return BOOLEAN
        return merged(first, second) if sign == "+" else ANY

    def _compare(self, found: Shape, literal: Node, fault: Fault) -> None:
        texts = found.texts
        if texts is None or literal[0] != "const" or not isinstance(literal[1], str):
            return
        if literal[1] not in texts:
            self._note(fault, found, literal[1])


def _choices(node: Node) -> list[Node]:
    """`"a", "b"` -> its parts."""
    return [*_choices(node[1]), *_choices(node[2])] if node[0] == "comma" else [node]


def _is_text(node: Node) -> bool:
    return node[0] == "str" or (node[0] == "const" and isinstance(node[1], str))


def _names(node: Any) -> set[str]:
    """Every name that a pattern binds; words of it that bind nothing do no harm."""
    if isinstance(node, tuple) and len(node) == 2 and node[0] == "pvar":
        return {node[1]}
    if isinstance(node, tuple | list):
        return {name for part in node for name in _names(part)} | {
            part for part in node if isinstance(part, str) and isinstance(node, tuple)
        }
    return set()
