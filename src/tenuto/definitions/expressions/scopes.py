"""The names that an expression uses and does not bind itself."""

from collections.abc import Iterator
from typing import Any, Literal, NamedTuple


class Use(NamedTuple):
    """A name from outside."""

    kind: Literal["function", "variable", "format", "node", "label"]
    name: str
    """A function's with its arity: `map/1`."""
    node: Any


class _Scope(NamedTuple):
    variables: frozenset[str] = frozenset()
    functions: frozenset[str] = frozenset()
    labels: frozenset[str] = frozenset()

    def with_variables(self, *names: str) -> "_Scope":
        return self._replace(variables=self.variables.union(names))


def outside_uses(tree: Any) -> Iterator[Use]:
    """Uses of what `tree` does not bind itself, in the order of the tree."""
    return _uses(tree, _Scope())


def _uses(node: Any, scope: _Scope) -> Iterator[Use]:
    kind = node[0]
    match kind:
        case "var":
            if node[1] not in scope.variables:
                yield Use("variable", node[1], node)
        case "call":
            name = f"{node[1]}/{len(node[2])}"
            if name not in scope.functions:
                yield Use("function", name, node)
            yield from _of_all(node[2], scope)
        case "format":
            yield Use("format", node[1], node)
        case "str":
            if node[1] is not None:
                yield Use("format", node[1], node)
            yield from _of_all((part for part in node[2] if not isinstance(part, str)), scope)
        case "funcdef":
            yield from _of_function(node, scope)
        case "as":
            yield from _of_binding(node[1], node[2], (node[3],), scope)
        case "reduce" | "foreach":
            yield from _uses(node[3], scope)
            yield from _of_binding(node[1], node[2], node[4:], scope)
        case "label":
            inner = scope._replace(labels=scope.labels.union((node[1],)))
            yield from _uses(node[2], inner)
        case "break":
            if node[1] not in scope.labels:
                yield Use("label", node[1], node)
        case "const":
            pass
        case _:
            yield Use("node", kind, node)
            yield from _of_all(node[1:], scope)


def _of_all(parts: Any, scope: _Scope) -> Iterator[Use]:
    """Of every node among `parts`, which may be lists and pairs of nodes."""
    for part in parts:
        if isinstance(part, tuple) and part and isinstance(part[0], str):
            yield from _uses(part, scope)
        elif isinstance(part, tuple | list):
            yield from _of_all(part, scope)


def _of_function(node: Any, scope: _Scope) -> Iterator[Use]:
    _, name, parameters, body, rest = node
    outer = scope._replace(functions=scope.functions.union((f"{name}/{len(parameters)}",)))
    values = [parameter[1:] for parameter in parameters if parameter.startswith("$")]
    own = (f"{parameter.removeprefix('$')}/0" for parameter in parameters)
    inner = outer.with_variables(*values)
    yield from _uses(body, inner._replace(functions=inner.functions.union(own)))
    yield from _uses(rest, outer)


def _of_binding(source: Any, patterns: Any, bodies: Any, scope: _Scope) -> Iterator[Use]:
    yield from _uses(source, scope)
    names: set[str] = set()
    for pattern in patterns:
        yield from _of_pattern(pattern, scope, names)
    yield from _of_all(bodies, scope.with_variables(*names))


def _of_pattern(pattern: Any, scope: _Scope, names: set[str]) -> Iterator[Use]:
    kind, inside = pattern
    if kind == "pvar":
        names.add(inside)
    elif kind == "parray":
        for each in inside:
            yield from _of_pattern(each, scope, names)
    else:
        for key, value, name in inside:
            yield from _uses(key, scope)
            if name is not None:
                names.add(name)
            yield from _of_pattern(value, scope, names)
