"""Cost per action: what a conversion costs, where ad spend and payouts are both costs.

For the affiliates of the house the cost is what was spent on ads; for all others it is what they
are paid. A file says who is who.
"""

import csv
from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal, cast, get_args

from tenuto.core.errors import DataError, UsageError
from tenuto.packs.sync.sources.values import as_number, first_present

Kind = Literal["internal", "external"]
Rows = Callable[[dict[str, Any]], dict[str, Any]]


def read_kinds(path: Path) -> dict[str, Kind]:
    """Name -> kind, from a CSV file with the columns `source` and `kind`.

    A byte order mark and blanks around cells do not matter. Raises UsageError
    `sync.mapping-invalid` naming file and line.
    """
    kinds: dict[str, Kind] = {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            lines = csv.reader(stream, strict=True)
            header = [cell.strip().lower() for cell in next(lines, [])]
            if not {"source", "kind"} <= set(header):
                raise _invalid(path, 1, "the first line has to name `source` and `kind`")
            for cells in lines:
                row = dict(zip(header, (cell.strip() for cell in cells), strict=False))
                if any(row.values()):
                    _add(kinds, row, path, lines.line_num)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise _invalid(path, 0, str(error)) from error
    return kinds


def with_cost_per_action(
    kinds: Mapping[str, Kind],
    *,
    source: str = "affiliate",
    conversions: tuple[str, ...] = ("conversions",),
    payout: str = "payout",
    ad_spend: str = "ad_spend",
) -> Rows:
    """A step for `resource.add_map` that adds `cost` and `cpa`, as decimals, to each row.

    `conversions` are columns, of which the first that is there counts; zero is there. `cpa` is
    None where there were no conversions: nothing was bought, at no price. Raises, for a row whose
    `source` is in no line of the mapping, DataError `sync.unmapped`: its cost is not known, and
    to leave the row out would make the others look dearer or cheaper than they are.
    """

    def add(row: dict[str, Any]) -> dict[str, Any]:
        name = str(row.get(source) or "").strip()
        if name not in kinds:
            raise DataError(
                f"`{name or 'a row without a name'}` in `{source}` is in no line of the mapping, so"
                " it is not known what it costs; add a line for it.",
                code="sync.unmapped",
                details={"source": name},
            )
        cost = as_number(row.get(ad_spend if kinds[name] == "internal" else payout))
        count = as_number(first_present(row, conversions))
        return {**row, "cost": cost, "cpa": _per(cost, count)}

    return add


def _per(cost: Any, count: Any) -> Decimal | None:
    if not isinstance(cost, Decimal) or not isinstance(count, Decimal) or count == 0:
        return None
    return cost / count


def _add(kinds: dict[str, Kind], row: dict[str, str], path: Path, line: int) -> None:
    name, kind = row.get("source", ""), row.get("kind", "").lower()
    if not name or kind not in get_args(Kind):
        raise _invalid(path, line, "expected a source, and `internal` or `external` as its kind")
    if kinds.setdefault(name, cast("Kind", kind)) != kind:
        raise _invalid(path, line, f"`{name}` is both internal and external")


def _invalid(path: Path, line: int, why: str) -> UsageError:
    where = f"{path}:{line}" if line else str(path)
    return UsageError(f"{where}: {why}.", code="sync.mapping-invalid")
