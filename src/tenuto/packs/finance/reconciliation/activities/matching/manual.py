"""Matches that people made: items they put together stay together in later runs."""

from tenuto.packs.finance.reconciliation.activities.matching.identity import name_items
from tenuto.packs.finance.reconciliation.activities.matching.pairing import Pairing, record_groups
from tenuto.packs.finance.reconciliation.cases import ManualMatch

# ruff: noqa: S608 (names are quoted, values are bound)


def match_by_hand(pairing: Pairing, pass_no: int, decisions: tuple[ManualMatch, ...]) -> None:
    """Records every manual match all of whose items are still open; of two that share an item,
    the earlier."""
    engine = pairing.engine
    rows, taken = [], set[str]()
    for number, decision in enumerate(sorted(decisions, key=lambda each: each.at)):
        if decision.items and taken.isdisjoint(decision.items):
            rows += [(number, item, len(decision.items), decision.by) for item in decision.items]
            taken |= set(decision.items)
    if not rows:
        return
    engine.fill("decided", "g BIGINT, item VARCHAR, size INTEGER, made_by VARCHAR", rows)
    for alias, side in (("l", pairing.left), ("r", pairing.right)):
        table = pairing.open_left if alias == "l" else pairing.open_right
        wanted = f"SELECT _n AS n FROM {table} WHERE NOT _flawed"
        name_items(engine, pairing.rules, side, wanted, f"hand_{alias}")
    engine.run(
        "CREATE TABLE found_by_hand AS SELECT d.g, d.made_by, a.n AS l, b.n AS r, "
        "count(coalesce(a.n, b.n)) OVER (PARTITION BY d.g) = d.size AS is_whole FROM decided d "
        "LEFT JOIN hand_l a ON a.item = d.item LEFT JOIN hand_r b ON b.item = d.item"
    )
    left, right = (
        f"SELECT g, {alias} AS n FROM found_by_hand WHERE is_whole AND {alias} IS NOT NULL"
        for alias in "lr"
    )
    words = (
        "(SELECT 'matched by ' || min(made_by) FROM decided WHERE decided.g = coalesce(x.g, y.g))"
    )
    record_groups(pairing, pass_no, left, right, explanation=words)
    for table in ("decided", "hand_l", "hand_r", "found_by_hand"):
        engine.run(f"DROP TABLE {table}")
