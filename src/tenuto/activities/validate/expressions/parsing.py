"""Tokens to a tree, by recursive descent.

condition  = conjunction {"or" conjunction}
conjunction = negation {"and" negation}
negation   = "not" negation | comparison
comparison = sum [("=" | "!=" | "<" | "<=" | ">" | ">=") sum
                 | ["not"] "in" "(" sum {"," sum} ")"
                 | ["not"] "between" sum "and" sum
                 | "is" ["not"] "null"]
sum        = product {("+" | "-") product}
product    = sign {("*" | "/") sign}
sign       = "-" sign | primary
primary    = number | 'text' | true | false | column | $parameter
           | function "(" [condition {"," condition}] ")" | "(" condition ")"
"""

from collections.abc import Callable
from decimal import Decimal

from tenuto.activities.validate.expressions.problem import ExpressionError
from tenuto.activities.validate.expressions.tokens import Kind, Token, tokens
from tenuto.activities.validate.expressions.tree import (
    Binary,
    Call,
    IsNull,
    Literal,
    Name,
    Negative,
    Node,
    Not,
    Parameter,
    Within,
)

DEEPEST = 30
"""Parentheses within parentheses; a rule that needs more is two rules."""

_COMPARISONS = ("=", "!=", "<", "<=", ">", ">=")


def parse(text: str) -> Node:
    """The tree of an expression. Raises ExpressionError, with the place, for anything else."""
    return _Parser(text).whole()


class _Parser:
    def __init__(self, text: str) -> None:
        self._tokens = tokens(text)
        self._next = 0
        self._depth = 0

    def whole(self) -> Node:
        node = self._condition()
        token = self._token
        if token.kind != "end":
            raise ExpressionError(
                f"{_shown(token)} does not belong here; {_joiners(token)}", token.at
            )
        return node

    @property
    def _token(self) -> Token:
        return self._tokens[self._next]

    def _condition(self) -> Node:
        self._depth += 1
        if self._depth > DEEPEST:
            raise ExpressionError(f"nested deeper than {DEEPEST}; split the rule", self._token.at)
        node = self._chain(self._conjunction, "keyword", "or")
        self._depth -= 1
        return node

    def _conjunction(self) -> Node:
        return self._chain(self._negation, "keyword", "and")

    def _negation(self) -> Node:
        return self._prefixed("keyword", "not", Not, self._comparison)

    def _comparison(self) -> Node:
        left = self._sum()
        token = self._token
        if token.kind == "symbol" and token.text in _COMPARISONS:
            self._next += 1
            return Binary(token.at, token.text, left, self._sum())
        if self._takes("keyword", "is"):
            is_negated = self._takes("keyword", "not")
            self._expect("keyword", "null")
            return _negated(is_negated, IsNull(token.at, left))
        is_negated = self._takes("keyword", "not")
        if self._takes("keyword", "in"):
            return _negated(is_negated, Within(token.at, left, self._choices()))
        if self._takes("keyword", "between"):
            return _negated(is_negated, self._between(token.at, left))
        if is_negated:
            raise ExpressionError("after `not` here comes `in` or `between`", token.at)
        return left

    def _choices(self) -> tuple[Node, ...]:
        self._expect("symbol", "(")
        choices = [self._sum()]
        while self._takes("symbol", ","):
            choices.append(self._sum())
        self._expect("symbol", ")")
        return tuple(choices)

    def _between(self, at: int, value: Node) -> Node:
        low = self._sum()
        self._expect("keyword", "and")
        high = self._sum()
        return Binary(at, "and", Binary(at, ">=", value, low), Binary(at, "<=", value, high))

    def _sum(self) -> Node:
        return self._chain(self._product, "symbol", "+", "-")

    def _product(self) -> Node:
        return self._chain(self._sign, "symbol", "*", "/")

    def _sign(self) -> Node:
        return self._prefixed("symbol", "-", Negative, self._primary)

    def _primary(self) -> Node:
        token = self._token
        self._next += 1
        match token.kind:
            case "number":
                return Literal(token.at, Decimal(token.text))
            case "text":
                return Literal(token.at, token.text)
            case "parameter":
                return Parameter(token.at, token.text)
            case "name" if self._takes("symbol", "("):
                return Call(token.at, token.text.lower(), self._arguments())
            case "name":
                return Name(token.at, token.text)
            case "keyword" if token.text in ("true", "false"):
                return Literal(token.at, token.text == "true")
            case "symbol" if token.text == "(":
                node = self._condition()
                self._expect("symbol", ")")
                return node
        raise ExpressionError(_no_value(token), token.at)

    def _arguments(self) -> tuple[Node, ...]:
        if self._takes("symbol", ")"):
            return ()
        arguments = [self._condition()]
        while self._takes("symbol", ","):
            arguments.append(self._condition())
        self._expect("symbol", ")")
        return tuple(arguments)

    def _chain(self, operand: Callable[[], Node], kind: Kind, *operators: str) -> Node:
        node = operand()
        while self._token.kind == kind and self._token.text in operators:
            token = self._token
            self._next += 1
            node = Binary(token.at, token.text, node, operand())
        return node

    def _prefixed(
        self,
        kind: Kind,
        prefix: str,
        make: Callable[[int, Node], Node],
        operand: Callable[[], Node],
    ) -> Node:
        places = []
        while self._token.kind == kind and self._token.text == prefix:
            places.append(self._token.at)
            self._next += 1
        node = operand()
        for at in reversed(places):
            node = make(at, node)
        return node

    def _takes(self, kind: Kind, text: str) -> bool:
        token = self._token
        if token.kind == kind and token.text == text:
            self._next += 1
            return True
        return False

    def _expect(self, kind: Kind, text: str) -> None:
        if not self._takes(kind, text):
            token = self._token
            raise ExpressionError(f"{_shown(token)} stands where `{text}` was expected", token.at)


def _negated(is_negated: bool, node: Node) -> Node:
    return Not(node.at, node) if is_negated else node


def _shown(token: Token) -> str:
    return "the end" if token.kind == "end" else f"`{token.text}`"


def _joiners(token: Token) -> str:
    if token.kind == "symbol" and token.text in _COMPARISONS:
        return "join two comparisons with `and`"
    return "join conditions with `and` or `or`"


def _no_value(token: Token) -> str:
    if token.kind == "keyword" and token.text == "null":
        return "nothing compares with null; write `is null` or `is not null`"
    return f"{_shown(token)} stands where a value was expected"
