"""Pass `exact`: keys and all compared values are equal.

Where several items of a side are equal in all of that, they are counted, not guessed: as many on
both sides match as a set; where the items of each side are equal in every field, the surplus of
one side stays open; otherwise all stay open with their candidates.
"""

from tenuto.packs.finance.reconciliation.activities.matching.engine import Engine
from tenuto.packs.finance.reconciliation.activities.matching.margins import same
from tenuto.packs.finance.reconciliation.activities.matching.names import both, content
from tenuto.packs.finance.reconciliation.activities.matching.pairing import (
    CANDIDATES_KEPT,
    Pairing,
    columns_of,
    record_groups,
    record_pairs,
)
from tenuto.packs.finance.reconciliation.rules import Pass

# ruff: noqa: S608 (names are quoted, values are bound)

_REPEATED = "repeated"


def match_exact(pairing: Pairing, rule: Pass, pass_no: int, key: tuple[str, ...]) -> None:
    """Records what is equal on both sides."""
    compared = [each.field for each in pairing.compared(rule) if each.field not in key]
    equal = [*pairing.partition, *key, *compared]
    _find_repeated(pairing, key, equal)
    alike = both([pairing.same_key(key), *(same(name) for name in compared)])
    left, right = (
        pairing.of_measure(alias, side)
        for alias, side in (("l", pairing.left), ("r", pairing.right))
    )
    pairing.engine.run(
        f"INSERT INTO {pairing.matched} SELECT {pass_no}, NULL, l._n, r._n, {left}, {right}, "
        f"NULL, NULL FROM {_unrepeated(pairing, key, equal, alike)}",
        f"pass {rule.name}",
    )
    if pairing.engine.count(_REPEATED):
        _match_repeated(pairing, pass_no, key, equal, alike)
    pairing.engine.run(f"DROP TABLE {_REPEATED}")


def _find_repeated(pairing: Pairing, key: tuple[str, ...], equal: list[str]) -> None:
    """The hashes that more than one row of a side has; two different rows may share one."""
    sides = [
        f"SELECT h FROM (SELECT hash({columns_of(equal, alias)}) AS h FROM {table} {alias} "
        f"WHERE {pairing.usable(alias, key)}) GROUP BY h HAVING count(*) > 1"
        for alias, table in (("l", pairing.open_left), ("r", pairing.open_right))
    ]
    pairing.engine.run(
        f"CREATE TABLE {_REPEATED} AS {sides[0]} UNION {sides[1]}", "looking for repeated keys"
    )


def _unrepeated(pairing: Pairing, key: tuple[str, ...], equal: list[str], alike: str) -> str:
    """`l` joined with `r`, without the rows whose hash is repeated."""
    left, right = (
        f"(SELECT * FROM {table} {alias} WHERE {pairing.usable(alias, key)}"
        + _not_repeated(pairing.engine, equal, alias)
        + ")"
        for alias, table in (("l", pairing.open_left), ("r", pairing.open_right))
    )
    return f"{left} l JOIN {right} r ON {alike}"


def _not_repeated(engine: Engine, equal: list[str], alias: str) -> str:
    if not engine.count(_REPEATED):
        return ""
    return f" AND hash({columns_of(equal, alias)}) NOT IN (SELECT h FROM {_REPEATED})"


def _match_repeated(
    pairing: Pairing, pass_no: int, key: tuple[str, ...], equal: list[str], alike: str
) -> None:
    engine = pairing.engine
    for alias, table, side in (
        ("l", pairing.open_left, pairing.left),
        ("r", pairing.open_right, pairing.right),
    ):
        everything = content(alias, side.fields)
        columns = columns_of(equal, alias)
        engine.run(
            f"CREATE TABLE same_{alias} AS SELECT *, "
            f"row_number() OVER (PARTITION BY {columns} ORDER BY _content, _n) AS _rank, "
            f"count(*) OVER (PARTITION BY {columns}) AS _size, "
            f"min(_content) OVER (PARTITION BY {columns}) "
            f"= max(_content) OVER (PARTITION BY {columns}) AS _is_one, "
            f"min(_n) OVER (PARTITION BY {columns}) AS _first "
            f"FROM (SELECT {alias}.*, {everything} AS _content FROM {table} {alias} "
            f"WHERE {pairing.usable(alias, key)} "
            f"AND hash({columns}) IN (SELECT h FROM {_REPEATED})) {alias}"
        )
    _match_sets(pairing, pass_no, alike)
    record_pairs(
        pairing,
        pass_no,
        "SELECT l._n AS l, r._n AS r FROM same_l l JOIN same_r r "
        f"ON {alike} AND l._rank = r._rank WHERE l._is_one AND r._is_one",
    )
    engine.run(
        f"INSERT INTO {pairing.edges} SELECT {pass_no}, l._n, r._n, NULL, NULL "
        f"FROM same_l l JOIN same_r r ON {alike} "
        "WHERE l._size <> r._size AND NOT (l._is_one AND r._is_one) "
        f"AND (l._rank <= {CANDIDATES_KEPT} OR r._rank <= {CANDIDATES_KEPT})"
    )
    engine.run("DROP TABLE same_l")
    engine.run("DROP TABLE same_r")


def _match_sets(pairing: Pairing, pass_no: int, alike: str) -> None:
    """As many on both sides, not all alike: they match as a set, for which goes with which is
    not known and does not matter."""
    sets = (
        "(SELECT DISTINCT l._first AS lf, r._first AS rf FROM same_l l JOIN same_r r "
        f"ON {alike} AND l._rank = 1 AND r._rank = 1 "
        "WHERE l._size = r._size AND NOT (l._is_one AND r._is_one))"
    )
    record_groups(
        pairing,
        pass_no,
        f"SELECT s.lf AS g, m._n AS n FROM {sets} s JOIN same_l m ON m._first = s.lf",
        f"SELECT s.lf AS g, m._n AS n FROM {sets} s JOIN same_r m ON m._first = s.rf",
    )
