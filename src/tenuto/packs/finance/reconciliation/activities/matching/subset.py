"""Pass `subset`: one item equals the sum of some of the other side's, and of no others."""

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal

from tenuto.packs.finance.reconciliation.activities.matching.margins import widest
from tenuto.packs.finance.reconciliation.activities.matching.names import listed, of
from tenuto.packs.finance.reconciliation.activities.matching.pairing import (
    Pairing,
    columns_of,
    record_groups,
)
from tenuto.packs.finance.reconciliation.math.subset_sum import Single, Solution, solve
from tenuto.packs.finance.reconciliation.rules import Pass

# ruff: noqa: S608 (names are quoted, values are bound)


def match_subsets(pairing: Pairing, rule: Pass, pass_no: int, key: tuple[str, ...]) -> None:
    """Records groups found by trying sums; two ways to the same sum are edges, not a match."""
    if pairing.measure not in pairing.common:
        return
    measured = [each for each in pairing.compared(rule) if each.field == pairing.measure]
    margin = widest(measured[0]).absolute if measured else Decimal(0)
    scale = pairing.rules.field(pairing.measure).places
    solutions: list[Solution] = []
    for lefts, rights in _small_groups(pairing, rule, key):
        solutions += solve(
            _singles(lefts, scale),
            _singles(rights, scale),
            margin=int(margin.scaleb(scale)),
            largest=rule.max_subset,
        )
    certain = [each for each in solutions if each.is_certain]
    engine = pairing.engine
    engine.fill("subset_l", "g BIGINT, n BIGINT", _members(certain, "left"))
    engine.fill("subset_r", "g BIGINT, n BIGINT", _members(certain, "right"))
    record_groups(pairing, pass_no, "SELECT g, n FROM subset_l", "SELECT g, n FROM subset_r")
    edges = sorted(
        {
            (pass_no, left, right)
            for each in solutions
            if not each.is_certain
            for left in each.left
            for right in each.right
        }
    )
    engine.fill("subset_edges", "pass_no INTEGER, l BIGINT, r BIGINT", edges)
    engine.run(f"INSERT INTO {pairing.edges} SELECT *, NULL, NULL FROM subset_edges")
    for table in ("subset_l", "subset_r", "subset_edges"):
        engine.run(f"DROP TABLE {table}")


_Row = tuple[int, Decimal]


def _small_groups(
    pairing: Pairing, rule: Pass, key: tuple[str, ...]
) -> Iterable[tuple[list[_Row], list[_Row]]]:
    """Open items of both sides by key, where neither side has too many, in order of content."""
    shared = [*pairing.partition, *key]
    columns = columns_of(shared, "t")
    groups: dict[tuple[object, ...], tuple[list[_Row], list[_Row]]] = defaultdict(lambda: ([], []))
    for index, (alias, side) in enumerate((("l", pairing.left), ("r", pairing.right))):
        table = pairing.open_left if alias == "l" else pairing.open_right
        measure = of("t", pairing.measure)
        found = pairing.engine.rows(
            f"SELECT {columns}, t._n, {measure} FROM {table} t "
            f"WHERE {pairing.usable('t', key)} AND {measure} IS NOT NULL "
            f"QUALIFY count(*) OVER (PARTITION BY {columns}) <= {rule.max_items} "
            f"ORDER BY {listed([measure, *(of('t', name) for name in side.fields)])}, t._n"
        )
        for *values, number, amount in found:
            groups[tuple(values)][index].append((number, amount))
    return [each for each in groups.values() if all(each)]


def _singles(rows: list[_Row], scale: int) -> list[Single]:
    return [Single(number=number, units=int(amount.scaleb(scale))) for number, amount in rows]


def _members(solutions: list[Solution], side: str) -> list[tuple[int, int]]:
    return [(g, number) for g, each in enumerate(solutions) for number in getattr(each, side)]
