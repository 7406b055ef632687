"""What an expression is made of."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class Node:
    """A part of an expression, and the character it begins at."""

    at: int


@dataclass(frozen=True)
class Literal(Node):
    """A number, a text, true or false."""

    value: Decimal | str | bool


@dataclass(frozen=True)
class Name(Node):
    """A column."""

    name: str


@dataclass(frozen=True)
class Parameter(Node):
    """A value the request gives."""

    name: str


@dataclass(frozen=True)
class Not(Node):
    """The opposite."""

    operand: Node


@dataclass(frozen=True)
class Negative(Node):
    """Minus a number."""

    operand: Node


@dataclass(frozen=True)
class Binary(Node):
    """Two operands and one of `and or = != < <= > >= + - * /`."""

    operator: str
    left: Node
    right: Node


@dataclass(frozen=True)
class Within(Node):
    """A value that is one of several."""

    operand: Node
    choices: tuple[Node, ...]


@dataclass(frozen=True)
class IsNull(Node):
    """A value that is missing."""

    operand: Node


@dataclass(frozen=True)
class Call(Node):
    """A function and its arguments."""

    function: str
    arguments: tuple[Node, ...]
