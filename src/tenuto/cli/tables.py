"""Tables and key-value blocks, narrow enough for any terminal."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table


def table(*columns: str, folds: str | Sequence[str] = "", right: Sequence[str] = ()) -> "Table":
    """An empty table without lines; the columns `folds` take several lines where it is narrow.

    The others are cut then, which an ellipsis shows. Numbers belong into the columns `right`.
    """
    from rich.table import Table

    drawn = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    folding = {folds} if isinstance(folds, str) else set(folds)
    for name in columns:
        drawn.add_column(
            name,
            overflow="fold" if name in folding else "ellipsis",
            no_wrap=name not in folding,
            justify="right" if name in right else "left",
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
