"""What an expression reads, as far as its text alone tells."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from tenuto.definitions.expressions.engine import errors
from tenuto.definitions.expressions.scopes import outside_uses
from tenuto.definitions.expressions.stack import on_enough_stack
from tenuto.definitions.expressions.syntax import read


class PathRead(NamedTuple):
    """A member that an expression reads whenever it is evaluated to its end."""

    root: str
    """`.` for the input, or a variable's name without the dollar sign."""
    path: tuple[str | int, ...]
    """Names of members and indices of elements, from the root down; never empty."""


def variables_read(text: str) -> frozenset[str]:
    """Names of the variables that `text` reads and does not bind; none where it has no syntax."""
    try:
        return on_enough_stack(
            lambda: frozenset(
                use.name for use in outside_uses(read(text).tree) if use.kind == "variable"
            )
        )
    except errors.JqParseError:
        return frozenset()


def paths_read(text: str) -> list[PathRead]:
    """The paths that `text` surely reads, in its order; none where it has no syntax.

    Left out is what may be missing on purpose or may not be reached: what has a default (`//`),
    `?`, `try`, branches of `if`, right sides of `and` and `or`, and the arguments of functions as
    far as they read the function's input.
    """
    try:
        return on_enough_stack(lambda: _Reads().of(read(text).tree))
    except errors.JqParseError:
        return []


class _Reads:
    """Follows `.` through a tree."""

    def __init__(self) -> None:
        self._found: list[PathRead] = []

    def of(self, tree: Any) -> list[PathRead]:
        self._read(tree, PathRead(".", ()), {})
        return self._found

    def _read(self, node: Any, here: PathRead | None, bound: Mapping[str, PathRead | None]) -> None:
        """The value of `node` is used."""
        path = self._follow(node, here, bound)
        if path is not None and path.path and path not in self._found:
            self._found.append(path)

    def _follow(
        self, node: Any, here: PathRead | None, bound: Mapping[str, PathRead | None]
    ) -> PathRead | None:
        """The path that `node` stands for; None where its value is another."""
        match node:
            case ("identity",):
                return here
            case ("var", name):
                return bound[name] if name in bound else PathRead(name, ())
            case ("field", base, str() as name) | ("index", base, ("const", str() as name)):
                return _member(self._follow(base, here, bound), name)
            case ("index", base, ("const", int() as at)) if not isinstance(at, bool):
                return _member(self._follow(base, here, bound), at)
            case ("pipe", left, right):
                return self._follow(right, self._follow_used(left, here, bound), bound)
            case ("as", source, [("pvar", name)], body):
                value = self._follow_used(source, here, bound)
                return self._follow(body, here, {**bound, name: value})
            case _:
                self._read_parts(node, here, bound)
                return None

    def _follow_used(
        self, node: Any, here: PathRead | None, bound: Mapping[str, PathRead | None]
    ) -> PathRead | None:
        path = self._follow(node, here, bound)
        if path is not None and path.path and path not in self._found:
            self._found.append(path)
        return path

    def _read_parts(
        self, node: Any, here: PathRead | None, bound: Mapping[str, PathRead | None]
    ) -> None:
        match node:
            case ("iterate", part) | ("collect", part) | ("neg", part):
                self._read(part, here, bound)
            case ("and" | "or", part, _):
                self._read(part, here, bound)
            case ("if", [(condition, _), *_], _):
                self._read(condition, here, bound)
            case ("comma", left, right) | ("binop", _, left, right) | ("index", left, right):
                self._read(left, here, bound)
                self._read(right, here, bound)
            case ("slice", base, *ends):
                for part in (base, *(end for end in ends if end is not None)):
                    self._read(part, here, bound)
            case ("str", _, parts):
                for part in parts:
                    if not isinstance(part, str):
                        self._read(part, here, bound)
            case ("object", entries):
                for key, value in entries:
                    self._read(key, here, bound)
                    self._read(value, here, bound)
            case ("reduce" | "foreach", source, [("pvar", _)], init, *_):
                self._read(source, here, bound)
                self._read(init, here, bound)
            case ("call", "map" | "map_values" | "sort_by" | "group_by" | "any" | "all", [part]):
                self._read_here(here)
                self._read(part, None, bound)
            case ("call", "add" | "length" | "keys" | "sort" | "tostring" | "tonumber", []):
                self._read_here(here)

    def _read_here(self, here: PathRead | None) -> None:
        if here is not None and here.path and here not in self._found:
            self._found.append(here)


def _member(base: PathRead | None, name: str | int) -> PathRead | None:
    return None if base is None else PathRead(base.root, (*base.path, name))
