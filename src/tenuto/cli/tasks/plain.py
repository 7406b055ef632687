"""What people wrote, so that it shows and does nothing: a title must not move the cursor over the
amount, or turn the order of letters around, under the eyes of whoever decides."""

from typing import Any

from rich.text import Text


def plain(text: str) -> str:
    """`text` on one line; what does not print is written out (`\\x1b`, `\\u202e`)."""
    return " ".join(_visible(text).split())


def plain_text(text: str, style: str = "") -> Text:
    """`text` with its line breaks, otherwise as `plain`."""
    lines = (_visible(line).rstrip() for line in text.splitlines())
    return Text("\n".join(lines), style=style)


def plain_value(value: Any) -> Any:
    """A JSON value in which every text, keys too, is as `plain` gives it."""
    match value:
        case str():
            return plain(value)
        case dict():
            return {plain(name): plain_value(each) for name, each in value.items()}
        case list() | tuple():
            return [plain_value(each) for each in value]
        case _:
            return value


def _visible(text: str) -> str:
    return "".join(
        char if char.isprintable() or char in "\t\n" else _written(char) for char in text
    )


def _written(char: str) -> str:
    return char.encode("unicode_escape").decode("ascii")
