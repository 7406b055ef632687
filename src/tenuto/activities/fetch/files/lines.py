"""Lines of a text file, none of them longer than memory allows."""

from collections import deque
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TypeVar

from tenuto.core.errors import DataError

_BOM = "\ufeff"
Each = TypeVar("Each")


class Lines:
    """The lines of a file with their ends, decoded strictly; `chars` counts what was read."""

    def __init__(self, name: str, path: Path, encoding: str, max_chars: int) -> None:
        self._name = name
        self._path = path
        self._encoding = encoding
        self._max_chars = max_chars
        self.number = 0
        self.chars = 0

    def __iter__(self) -> Iterator[str]:
        """Raises DataError `files.encoding`, `files.line-too-long`, `files.wrong-format`."""
        with self._path.open(encoding=self._encoding, newline="") as file:
            try:
                while line := file.readline(self._max_chars + 1):
                    yield self._checked(line)
            except UnicodeError as exc:
                raise self._undecodable() from exc

    def _checked(self, line: str) -> str:
        self.number += 1
        self.chars += len(line)
        if len(line) > self._max_chars:
            raise DataError(
                f"{self._name}, row {self.number}: the line has more than {self._max_chars} "
                "characters; check the format and the line ends, or raise `limits.max_line_chars`",
                code="files.line-too-long",
                details={"file": self._name, "row": self.number},
            )
        if "\0" in line:
            raise DataError(
                f"{self._name}, row {self.number}: a NUL stands in the text, so this is not text "
                f"in {self._encoding}; correct `format` or `encoding`",
                code="files.wrong-format",
                details={"file": self._name, "row": self.number},
            )
        return line.removeprefix(_BOM) if self.number == 1 else line

    def _undecodable(self) -> DataError:
        row = _first_bad_row(self._path, self._encoding)
        where = f", row {row}" if row else ""
        return DataError(
            f"{self._name}{where}: a byte is not {self._encoding}; correct `encoding`, or have "
            "the file saved as UTF-8",
            code="files.encoding",
            details={"file": self._name, "row": row},
        )


def without_last(items: Iterable[Each], count: int) -> Iterator[Each]:
    """All but the last `count` items, holding no more than those."""
    held: deque[Each] = deque()
    for item in items:
        held.append(item)
        if len(held) > count:
            yield held.popleft()


def _first_bad_row(path: Path, encoding: str) -> int | None:
    if encoding == "utf-16":  # a line of bytes is no line of text there
        return None
    with path.open("rb") as file:
        for row, line in enumerate(file, start=1):
            try:
                line.decode(encoding)
            except UnicodeDecodeError:
                return row
    return None
