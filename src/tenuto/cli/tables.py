"""Tables and key-value blocks, narrow enough for any terminal."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table


def table(*columns: str, folds: str = "", right: Sequence[str] = ()) -> "Table":
    """An empty table without lines; only the column `folds` may take several lines.

    Numbers belong into the columns named by `right`.
    """
    from rich.table import Table

    drawn = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for name in columns:
        drawn.add_column(
            name,
            overflow="fold",
            no_wrap=name != folds,
            justify="right" if name in right else "left",
            ratio=None,
        )
    return drawn


def block(pairs: Iterable[tuple[str, Any]]) -> "RenderableType":
    """Names on the left, dim; values on the right. A pair whose value is None is left out."""
    from rich.table import Table
    from rich.text import Text

    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    for name, value in pairs:
        if value is not None:
            grid.add_row(Text(name, style="dim"), value if _is_drawn(value) else str(value))
    return grid


def heading(text: str) -> "RenderableType":
    """A bold line."""
    from rich.text import Text

    return Text(text, style="bold")


def _is_drawn(value: Any) -> bool:
    from rich.text import Text

    return isinstance(value, Text)
