"""A NAV's differences level by level: how much of each the next level explains."""

from collections import defaultdict
from decimal import Decimal
from typing import get_args

from tenuto.packs.finance.reconciliation.activities.matching.names import of
from tenuto.packs.finance.reconciliation.activities.matching.pairing import Pairing
from tenuto.packs.finance.reconciliation.kinds import Level
from tenuto.packs.finance.reconciliation.models import Drill

# ruff: noqa: S608 (names are quoted, values are bound)

_LEVELS: tuple[Level, ...] = get_args(Level)


def drill_down(pairing: Pairing) -> tuple[Drill, ...]:
    """One line per class and level that either side has, sorted."""
    if not {"class_id", "level"} <= pairing.common:
        return ()
    sums: dict[str, dict[Level, list[Decimal | None]]] = defaultdict(dict)
    for index, side in enumerate((pairing.left, pairing.right)):
        rows = pairing.engine.rows(
            f"SELECT class_id, level, sum({of('s', pairing.measure)}) FROM {side.table} s "
            "WHERE class_id IS NOT NULL AND level IS NOT NULL GROUP BY ALL"
        )
        for class_id, level, amount in rows:
            if level in _LEVELS:
                sums[class_id].setdefault(level, [None, None])[index] = amount
    return tuple(line for class_id in sorted(sums) for line in _of_class(class_id, sums[class_id]))


def _of_class(class_id: str, by_level: dict[Level, list[Decimal | None]]) -> list[Drill]:
    differences = {
        level: (ours or Decimal(0)) - (theirs or Decimal(0))
        for level, (ours, theirs) in by_level.items()
    }
    lines = []
    for number, level in enumerate(_LEVELS):
        if level in by_level:
            below = _LEVELS[number + 1] if number + 1 < len(_LEVELS) else None
            ours, theirs = by_level[level]
            lines.append(
                Drill(
                    subject=class_id,
                    level=level,
                    ours=ours,
                    theirs=theirs,
                    difference=differences[level],
                    explained=differences.get(below) if below else None,
                )
            )
    return lines
