"""The rows of one CSV file: whole or not at all."""

import csv
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tenuto.activities.fetch.files.finding import reaching
from tenuto.core.errors import DataError
from tenuto.packs.sync.sources.files.finding import Delivered, Folder, version_of
from tenuto.packs.sync.sources.kinds import FilesConfig

_BATCH = 5_000
csv.field_size_limit(16 * 1024 * 1024)


class Unfinished(Exception):  # noqa: N818 (what the file is)
    """The file is still being written."""


def copied(folder: Folder, file: Delivered) -> Path:
    """A copy that nobody writes to; whoever calls removes it. Raises Unfinished."""
    with tempfile.NamedTemporaryFile(suffix=".csv", delete=False) as target:
        copy = Path(target.name)
    with reaching(file.path):
        folder.filesystem.get_file(file.path, str(copy))
        folder.filesystem.invalidate_cache()
        after = version_of(folder.filesystem.info(file.path))
    if after != file.version:
        copy.unlink()
        raise Unfinished("it changed while it was read")
    return copy


def rows_of(copy: Path, file: Delivered, config: FilesConfig) -> Iterator[list[dict[str, Any]]]:
    """The rows, a batch at a time, as text; an empty cell is None.

    Raises Unfinished where the last line breaks off, DataError `sync.file-unreadable` naming file
    and line for anything else that is no table.
    """
    try:
        with copy.open(encoding=config.encoding, newline="") as stream:
            lines = csv.reader(stream, delimiter=config.delimiter, strict=True)
            header = _header(next(lines, None), file)
            batch: list[dict[str, Any]] = []
            for number, cells in enumerate((each for each in lines if each), start=1):
                if len(cells) != len(header):
                    raise _uneven(copy, file, lines.line_num, cells, header)
                row = dict(zip(header, (cell or None for cell in cells), strict=True))
                batch.append(
                    row | {"_file_name": file.name, "_row_id": number, "_file_date": file.file_date}
                )
                if len(batch) == _BATCH:
                    yield batch
                    batch = []
            if batch:
                yield batch
    except csv.Error as error:
        if "unexpected end of data" in str(error):
            raise Unfinished("its last line breaks off within quotes") from error
        raise _unreadable(file, f"line {lines.line_num}: {error}") from error
    except UnicodeDecodeError as error:
        raise _unreadable(
            file, f"it is not {config.encoding}: {error.reason} at byte {error.start}"
        ) from error


def _header(cells: list[str] | None, file: Delivered) -> list[str]:
    if cells is None:
        raise Unfinished("it is empty")
    names = [cell.strip() for cell in cells]
    twice = next((name for name in names if names.count(name) > 1), None)
    if "" in names or twice is not None:
        what = f"names `{twice}` twice" if twice else "has a column without a name"
        raise _unreadable(file, f"its first line {what}")
    return names


def _uneven(
    copy: Path, file: Delivered, line: int, cells: list[str], header: list[str]
) -> Exception:
    with copy.open("rb") as stream:
        last = stream.read().rstrip(b"\r\n").count(b"\n") + 1
        stream.seek(-1, 2)
        is_ended = stream.read(1) in b"\r\n"
    if line >= last and len(cells) < len(header) and not is_ended:
        return Unfinished("its last line breaks off")
    return _unreadable(file, f"line {line} has {len(cells)} cells, its first line {len(header)}")


def _unreadable(file: Delivered, why: str) -> DataError:
    return DataError(
        f"{file.name}: {why}; have it sent again, or correct `delimiter` or `encoding`. Until then"
        " nothing of this prefix is loaded.",
        code="sync.file-unreadable",
        details={"file": file.name},
    )
