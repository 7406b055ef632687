"""Pass `pair`: the only two items with a key stand side by side, whatever their values."""

from tenuto.packs.finance.reconciliation.activities.matching.names import both
from tenuto.packs.finance.reconciliation.activities.matching.pairing import (
    CANDIDATES_KEPT,
    Pairing,
    columns_of,
    record_pairs,
)
from tenuto.packs.finance.reconciliation.rules import Pass

# ruff: noqa: S608 (names are quoted, values are bound)


def set_side_by_side(pairing: Pairing, rule: Pass, pass_no: int, key: tuple[str, ...]) -> None:
    """Records pairs with a difference; a pair without one is a match."""
    if not key:
        return
    engine = pairing.engine
    shared = [*pairing.partition, *key]
    for alias, table, side in (
        ("l", pairing.open_left, pairing.left),
        ("r", pairing.open_right, pairing.right),
    ):
        engine.run(
            f"CREATE TABLE keyed_{alias} AS SELECT t.*, "
            f"count(*) OVER (PARTITION BY {columns_of(shared, 't')}) AS _size, "
            f"row_number() OVER (PARTITION BY {columns_of(shared, 't')} "
            f"ORDER BY hash({columns_of(side.fields, 't')}), t._n) AS _rank "
            f"FROM {table} t WHERE {pairing.usable('t', key, flawed=True)}"
        )
    agree = both(["NOT l._flawed", "NOT r._flawed", pairing.agree(pairing.compared(rule))])
    engine.run(
        f"CREATE TABLE together AS SELECT l._n AS l, r._n AS r, {agree} AS agree FROM keyed_l l "
        f"JOIN keyed_r r ON {pairing.same_key(key)} WHERE l._size = 1 AND r._size = 1",
        "setting differences side by side",
    )
    record_pairs(pairing, pass_no, "SELECT l, r FROM together WHERE agree")
    engine.run(
        f"INSERT INTO {pairing.differs} SELECT {pass_no}, l, r FROM together WHERE NOT agree"
    )
    engine.run(
        f"INSERT INTO {pairing.edges} SELECT {pass_no}, l._n, r._n, NULL, NULL FROM keyed_l l "
        f"JOIN keyed_r r ON {pairing.same_key(key)} WHERE l._size + r._size > 2 "
        f"AND (l._rank <= {CANDIDATES_KEPT} OR r._rank <= {CANDIDATES_KEPT})"
    )
    for table in ("keyed_l", "keyed_r", "together"):
        engine.run(f"DROP TABLE {table}")
