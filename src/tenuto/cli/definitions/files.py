"""Definition files as they are named on the command line: files, folders, standard input."""

import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tenuto.core.errors import UsageError

SUFFIXES = (".yaml", ".yml", ".json")


@dataclass(frozen=True, slots=True)
class Source:
    """One definition as bytes: what is wrong with them is for the check to say."""

    file: str
    """As findings name it; `<stdin>` for standard input."""
    text: bytes


def read_sources(given: Iterable[str]) -> list[Source]:
    """Every definition that `given` names, once, in that order; `-` is standard input.

    A folder stands for the `.yaml`, `.yml`, and `.json` files below it, hidden ones left out.
    Raises UsageError for what does not exist or cannot be read, and for a folder without such
    files.
    """
    names = dict.fromkeys(name for each in given for name in _expanded(each))
    return [read_source(name) for name in names]


def read_source(name: str) -> Source:
    """The definition in one file, or on standard input where `name` is `-`."""
    if name == "-":
        return Source("<stdin>", sys.stdin.buffer.read())
    try:
        return Source(name, Path(name).read_bytes())
    except FileNotFoundError as missing:
        raise _no_file(name) from missing
    except OSError as error:
        raise UsageError(
            f"{name} cannot be read: {error.strerror}. Name a file that this process may read.",
            code="definition.unreadable",
            details={"file": name},
        ) from error


def is_file_name(text: str) -> bool:
    """Whether `text` means a file, not the name of a deployed definition."""
    return text == "-" or text.endswith(SUFFIXES) or Path(text).is_file()


def _expanded(given: str) -> Iterator[str]:
    folder = Path(given)
    if not folder.is_dir():
        yield given
        return
    found = sorted(
        path
        for path in folder.rglob("*")
        if path.suffix in SUFFIXES and path.is_file() and not _is_hidden(path, folder)
    )
    if not found:
        raise UsageError(
            f"There is no .yaml, .yml, or .json file below `{given}`; name a definition file.",
            code="definition.no-file",
            details={"file": given},
        )
    yield from map(str, found)


def _is_hidden(path: Path, folder: Path) -> bool:
    return any(part.startswith(".") for part in path.relative_to(folder).parts)


def _no_file(name: str) -> UsageError:
    return UsageError(
        f"There is no file `{name}`; give the path of a definition file, or `-` for standard"
        " input.",
        code="definition.no-file",
        details={"file": name},
    )
