"""How stored content begins: rows of a table, lines of a text, nothing of anything else."""

import io
from typing import TYPE_CHECKING, Any

from tenuto.artifacts.store import ArtifactStore
from tenuto.cli.tables import table
from tenuto.core.references import Reference

if TYPE_CHECKING:
    from rich.console import Console

_HEAD_BYTES = 64 * 1024
_PARQUET = b"PAR1"


def preview(store: ArtifactStore, reference: Reference | str, rows: int) -> dict[str, Any] | None:
    """`{"columns": [...], "rows": [[...]]}`, or `{"lines": [...]}`, or None for other content."""
    with store.open(reference) as file:
        head = file.read(_HEAD_BYTES)
    if head.startswith(_PARQUET):
        frame = store.scan_table(reference).head(rows).collect()
        columns = [{"name": name, "dtype": str(kind)} for name, kind in frame.schema.items()]
        return {"columns": columns, "rows": [list(row) for row in frame.rows()]}
    text = _text(head)
    if text is None:
        return None
    return {
        "lines": [
            line.rstrip("\n") for line, _ in zip(io.StringIO(text), range(rows), strict=False)
        ]
    }


def draw_preview(console: "Console", shown: dict[str, Any] | None) -> None:
    """Draws what `preview` found."""
    if shown is None:
        return
    console.print()
    if "lines" in shown:
        for line in shown["lines"]:
            console.print(line, overflow="ellipsis", no_wrap=True)
        return
    drawn = table(*(column["name"] for column in shown["columns"]))
    for row in shown["rows"]:
        drawn.add_row(*("" if value is None else str(value) for value in row))
    console.print(drawn)


def _text(head: bytes) -> str | None:
    """`head` as text, without the character that it may end in the middle of."""
    for cut in range(4):
        try:
            text = head[: len(head) - cut].decode()
        except UnicodeDecodeError:
            continue
        return None if "\0" in text else text
    return None
