"""A definition as read: its value, and where in the file every part of it stands."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from pydantic import JsonValue

from tenuto.definitions.findings import Finding, Severity


class Place(NamedTuple):
    """A position in a file, counted from 1."""

    line: int
    column: int


class Span(NamedTuple):
    """Where a value begins, and its key, if it has one."""

    value: Place
    key: Place | None
    is_plain: bool
    """Whether a scalar stands in the file letter by letter (plain, or quoted without escapes), so
    that the column of its n-th character is known."""
    indent: int
    """How far right of `value` the scalar's text begins: 1 after a quotation mark."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Loaded:
    """One definition file."""

    file: str
    text: str
    value: JsonValue
    """As YAML 1.2 reads it; numbers that a float cannot hold exactly are text."""
    spans: Mapping[str, Span] = field(repr=False)
    """JSON pointer (RFC 6901) -> place, for every value."""

    def place(self, pointer: str, *, of_key: bool = False) -> Place:
        """Where `pointer` stands, or else its nearest parent that stands in the file."""
        while pointer and pointer not in self.spans:
            pointer, of_key = pointer.rpartition("/")[0], False
        span = self.spans.get(pointer)
        if span is None:
            return Place(1, 1)
        return span.key if of_key and span.key is not None else span.value

    def error(
        self, code: str, pointer: str, message: str, remedy: str = "", *, of_key: bool = False
    ) -> Finding:
        """An error at `pointer`."""
        return self._finding(code, Severity.ERROR, pointer, message, remedy, of_key)

    def warning(
        self, code: str, pointer: str, message: str, remedy: str = "", *, of_key: bool = False
    ) -> Finding:
        """A warning at `pointer`."""
        return self._finding(code, Severity.WARNING, pointer, message, remedy, of_key)

    def _finding(
        self,
        code: str,
        severity: Severity,
        pointer: str,
        message: str,
        remedy: str,
        of_key: bool,
    ) -> Finding:
        line, column = self.place(pointer, of_key=of_key)
        return Finding(
            code=code,
            severity=severity,
            file=self.file,
            line=line,
            column=column,
            path=pointer,
            message=message,
            remedy=remedy,
        )


def pointer_to(path: Iterable[int | str]) -> str:
    """The JSON pointer of what keys and indices lead to."""
    return "".join(f"/{escaped(str(step))}" for step in path)


def escaped(key: str) -> str:
    """A key as one segment of a JSON pointer."""
    return key.replace("~", "~0").replace("/", "~1")
