"""Rules as they are written: files of a folder, cut into single rules that know their place."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tenuto.core.errors import UsageError

SUFFIX = ".cedar"
MAX_BYTES = 1_000_000
_TOKEN = re.compile(
    r'(?P<blank>\s+|//[^\n]*)|"(?:\\.|[^"\\])*"|[A-Za-z_][A-Za-z0-9_]*|[0-9]+'
    r"|==|!=|<=|>=|&&|\|\||::|.",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands."""

    file: str
    line: int
    """From 1."""
    column: int
    """From 1, in characters."""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Token:
    """One word, string, number or sign."""

    text: str
    start: int
    """Offset in the text it was read from."""


@dataclass(frozen=True, slots=True)
class RuleText:
    """One rule as written, without the comments before it."""

    place: Place
    text: str

    def place_of(self, offset: int) -> Place:
        """Where the character at `offset` of the rule's text stands in its file."""
        before = self.text[:offset]
        broken = before.rfind("\n")
        column = self.place.column + offset if broken < 0 else offset - broken
        return Place(self.place.file, self.place.line + before.count("\n"), column)


def tokens(text: str) -> list[Token]:
    """Every token of `text`; blanks and comments are none."""
    return [
        Token(found.group(), found.start())
        for found in _TOKEN.finditer(text)
        if found.group("blank") is None
    ]


def split(file: str, text: str) -> Iterator[RuleText]:
    """The rules of one file, in order; the last may be incomplete."""
    start: int | None = None
    for token in tokens(text):
        start = token.start if start is None else start
        if token.text == ";":
            yield _rule(file, text, start, token.start + 1)
            start = None
    if start is not None:
        yield _rule(file, text, start, len(text.rstrip()))


def read_folder(folder: Path) -> dict[str, str]:
    """File name -> text of every rule file in `folder`, sorted by name.

    Raises UsageError: `policy.no-folder`, `policy.no-rules`, `policy.unreadable`.
    """
    if not folder.is_dir():
        raise UsageError(
            f"There is no folder `{folder}` with rules. `tenuto policy init` makes one; setting"
            " `policy.folder` names it.",
            code="policy.no-folder",
        )
    files = sorted(folder.glob(f"*{SUFFIX}"))
    if not files:
        raise UsageError(
            f"`{folder}` has no `*{SUFFIX}` file, so everything would be denied."
            " `tenuto policy init` copies rules to start from.",
            code="policy.no-rules",
        )
    return {file.name: read_text(file) for file in files}


def read_text(file: Path) -> str:
    """The text of a file beside the rules. Raises UsageError `policy.unreadable`."""
    try:
        data = file.read_bytes()
        if len(data) > MAX_BYTES:
            raise UsageError(
                f"{file} has {len(data):,} bytes; at most {MAX_BYTES:,} are read. Split it.",
                code="policy.unreadable",
            )
        return data.decode()
    except (OSError, UnicodeDecodeError) as wrong:
        raise UsageError(
            f"{file} cannot be read: {wrong}. It has to be UTF-8 text that this user may read.",
            code="policy.unreadable",
        ) from wrong


def _rule(file: str, text: str, start: int, end: int) -> RuleText:
    line = text.count("\n", 0, start) + 1
    column = start - text.rfind("\n", 0, start)
    return RuleText(Place(file, line, column), text[start:end])
