"""Where a command's words go: data to stdout, everything else to stderr."""

import codecs
import os
import shutil
import sys
import textwrap
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TextIO

import click

if TYPE_CHECKING:
    from rich.console import Console

Row = Mapping[str, Any]

PIPED_WIDTH = 1000
"""Columns when no terminal is there to be narrow: a pipe gets whole lines."""


@dataclass
class Output:
    """How this invocation of `tenuto` was asked to print."""

    format: Literal["text", "json", "jsonl"] = "text"
    quiet: bool = False
    no_color: bool = False
    debug: bool = False

    @property
    def is_json(self) -> bool:
        """Whether stdout is for a program."""
        return self.format != "text"

    @property
    def is_animated(self) -> bool:
        """Whether a person is looking and wants to, so that progress may redraw itself."""
        if self.quiet or self.is_json or os.environ.get("TERM") == "dumb":
            return False
        return sys.stdout.isatty() and sys.stderr.isatty()

    def record(self, record: Row, show: "Callable[[Console], None]") -> None:
        """Prints one thing: as JSON, or as `show` draws it."""
        if self.is_json:
            click.echo(to_json(record, indent=2 if self.format == "json" else None))
        else:
            self.draw(show)

    def records(self, records: Iterable[Row], show: "Callable[[Console], None]") -> None:
        """Prints a list: a JSON array, one JSON object per line, or as `show` draws it."""
        if self.format == "json":
            click.echo(to_json(list(records), indent=2))
        elif self.format == "jsonl":
            for each in records:
                click.echo(to_json(each))
        else:
            self.draw(show)

    def draw(self, show: "Callable[[Console], None]", *, stderr: bool = False) -> None:
        """Draws on stdout, or on stderr what is no data.

        A pipe gets whole lines, without the blanks that fill up columns.
        """
        console = self.console(stderr=stderr)
        if console.is_terminal:
            show(console)
            return
        with console.capture() as drawn:
            show(console)
        for line in drawn.get().splitlines():
            click.echo(line.rstrip(), err=stderr)

    def note(self, text: str = "") -> None:
        """A remark for the person who waits, on stderr; none under `--quiet` or JSON."""
        if not self.quiet and not self.is_json:
            click.echo(_wrapped(text, sys.stderr), err=True)

    def error(self, message: str, code: str = "") -> None:
        """What went wrong, on stderr, in red."""
        label, tag = "error:", f"[{code}]" if code else ""
        gap = "\n" if "\n" in message else " "
        text = _wrapped(f"{label} {message}{gap}{tag}".rstrip(), sys.stderr)
        if self.has_color(sys.stderr):
            body = text.removeprefix(label).removesuffix(tag)
            text = click.style(label, fg="red", bold=True) + body + click.style(tag, dim=True)
        click.echo(text, err=True)

    def has_color(self, stream: TextIO) -> bool:
        """Whether `stream` is a terminal whose owner did not ask for plain text."""
        return bool(stream.isatty()) and not self.no_color and not os.environ.get("NO_COLOR")

    def console(self, *, stderr: bool = False) -> "Console":
        """A rich console on stdout or stderr that takes strings as they are, without markup."""
        from rich.console import Console

        stream = sys.stderr if stderr else sys.stdout
        return Console(
            file=stream,
            no_color=not self.has_color(stream),
            width=None if stream.isatty() else PIPED_WIDTH,
            highlight=False,
            markup=False,
            emoji=False,
            legacy_windows=False,
        )


def _wrapped(text: str, stream: TextIO) -> str:
    """`text` broken between words where a terminal would break within one."""
    if not stream.isatty():
        return text
    width = shutil.get_terminal_size().columns
    return "\n".join(
        textwrap.fill(line, width, break_long_words=False, break_on_hyphens=False)
        if len(line) > width
        else line
        for line in text.split("\n")
    )


def to_json(value: Any, *, indent: int | None = None) -> str:
    """JSON with ISO 8601 times, Decimals as strings, durations in seconds; ASCII where stdout
    cannot say more."""
    import json

    from pydantic_core import to_jsonable_python

    return json.dumps(
        to_jsonable_python(value, timedelta_mode="float"),
        indent=indent,
        ensure_ascii=codecs.lookup(sys.stdout.encoding).name != "utf-8",
        separators=(",", ": " if indent else ":"),
    )
