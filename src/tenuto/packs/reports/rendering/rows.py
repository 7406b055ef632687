"""Rows as templates see them: a column that does not exist is an error that names those that do."""

import difflib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tenuto.packs.reports.rendering.missing import Missing


class UnknownColumn(Exception):  # noqa: N818 (what happened)
    """A template named a column that the query does not give."""


class Row(Mapping[str, Any]):
    """One row: `row.spend`, or `row["spend"]`."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = values

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return self[name]

    def __getitem__(self, name: str) -> Any:
        if name not in self._values:
            raise unknown(name, self._values)
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __contains__(self, name: object) -> bool:
        return name in self._values


class Rows(Sequence[Row]):
    """The rows that are shown, and how many there are in all.

    `len(rows)` counts all of them; `rows.more` is how many are not shown.
    """

    def __init__(
        self,
        shown: Sequence[Row],
        *,
        total: int,
        sums: Mapping[str, Any],
        columns: Sequence[str],
        missing: Missing,
    ) -> None:
        self._shown = shown
        self._total = total
        self._sums = sums
        self._columns = columns
        self._missing = missing
        self._is_walked = False
        self._is_told = False

    def __iter__(self) -> Iterator[Row]:
        self._is_walked = True
        return iter(self._shown)

    def __len__(self) -> int:
        return self._total

    def __getitem__(self, place: Any) -> Any:
        return self._shown[place]

    @property
    def more(self) -> int:
        """Rows that are not shown."""
        self._is_told = True
        return self._total - len(self._shown)

    @property
    def columns(self) -> list[str]:
        """Names of the columns, in order."""
        return list(self._columns)

    @property
    def first(self) -> Row:
        """The first row; without any, one in which every column is missing."""
        if self._shown:
            return self._shown[0]
        return Row(dict.fromkeys(self._columns, self._missing))

    def total(self, column: str) -> Any:
        """Sum of a column over all rows, also those not shown; missing where no row has a value."""
        if column not in self._columns:
            raise unknown(column, self._columns)
        if column not in self._sums:
            raise TypeError(f"column `{column}` holds no numbers and has no total")
        found = self._sums[column]
        return self._missing if found is None else found


def is_cut(rows: Rows) -> bool:
    """Whether rows are left out."""
    state = vars(rows)
    return int(state["_total"]) > len(state["_shown"])


def untold(rows: Rows) -> int:
    """How many rows a template left out without saying so."""
    state = vars(rows)
    if not state["_is_walked"] or state["_is_told"]:
        return 0
    return int(state["_total"]) - len(state["_shown"])


def unknown(name: str, columns: Any) -> UnknownColumn:
    """The error for a column that is not there."""
    known = list(columns)
    close = difflib.get_close_matches(str(name), known, n=1)
    hint = f"did you mean `{close[0]}`? " if close else ""
    return UnknownColumn(f"there is no column `{name}`; {hint}columns are {', '.join(known)}")
