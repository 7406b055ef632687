"""Pass `tolerance`: equal keys, values within margins, and no other candidate on either side.

Items that are equal in every field count as one with a number, so that duplicates do not make
each other ambiguous.
"""

from tenuto.packs.finance.reconciliation.activities.matching.candidates import find_candidates
from tenuto.packs.finance.reconciliation.activities.matching.pairing import (
    CANDIDATES_KEPT,
    Pairing,
    columns_of,
    record_pairs,
)
from tenuto.packs.finance.reconciliation.rules import Pass

# ruff: noqa: S608 (names are quoted, values are bound)


def match_within(pairing: Pairing, rule: Pass, pass_no: int, key: tuple[str, ...]) -> None:
    """Records pairs that agree and have nobody else to agree with."""
    collapse(pairing, key)
    find_candidates(pairing, pass_no, key, pairing.compared(rule), ("rep_l", "rep_r"))
    mark_certain(pairing)
    record_pairs(pairing, pass_no, certain_pairs())
    pairing.engine.run(
        f"INSERT INTO {pairing.edges} SELECT {pass_no}, l, r, NULL, NULL FROM uncertain"
    )
    drop_working_tables(pairing)


def collapse(pairing: Pairing, key: tuple[str, ...]) -> None:
    """`rep_l, rep_r`: one row per different item; `alike_l, alike_r`: `rep, n, rank` of all."""
    for alias, table, side in (
        ("l", pairing.open_left, pairing.left),
        ("r", pairing.open_right, pairing.right),
    ):
        everything = columns_of(side.fields, alias)
        pairing.engine.run(
            f"CREATE TABLE alike_{alias} AS SELECT min(_n) OVER same AS rep, _n AS n, "
            f"row_number() OVER (PARTITION BY {everything} ORDER BY _n) AS rank "
            f"FROM {table} {alias} WHERE {pairing.usable(alias, key)} "
            f"WINDOW same AS (PARTITION BY {everything})"
        )
        pairing.engine.run(
            f"CREATE TABLE rep_{alias} AS SELECT o.*, "
            f"hash({columns_of(side.fields, 'o')}) AS _hash FROM {table} o "
            f"SEMI JOIN (SELECT rep FROM alike_{alias} WHERE rank = 1) a ON a.rep = o._n"
        )


def mark_certain(pairing: Pairing) -> None:
    """Splits `candidates` into `certain` (each the other's only one) and `uncertain`."""
    engine = pairing.engine
    engine.run(
        "CREATE TABLE weighed AS SELECT l, r, count(*) OVER (PARTITION BY l) AS of_l, "
        "count(*) OVER (PARTITION BY r) AS of_r FROM candidates"
    )
    engine.run("CREATE TABLE certain AS SELECT l, r FROM weighed WHERE of_l = 1 AND of_r = 1")
    engine.run(
        "CREATE TABLE uncertain AS SELECT l, r FROM (SELECT l, r, of_l, of_r, "
        "row_number() OVER (PARTITION BY l ORDER BY b._hash, r) AS at_l, "
        "row_number() OVER (PARTITION BY r ORDER BY a._hash, l) AS at_r "
        "FROM weighed JOIN rep_l a ON a._n = l JOIN rep_r b ON b._n = r) "
        f"WHERE (of_l > 1 OR of_r > 1) AND (at_l <= {CANDIDATES_KEPT} OR at_r <= {CANDIDATES_KEPT})"
    )


def certain_pairs() -> str:
    """The certain pairs with their duplicates, as many as both sides have."""
    return (
        "SELECT a.n AS l, b.n AS r FROM certain c JOIN alike_l a ON a.rep = c.l "
        "JOIN alike_r b ON b.rep = c.r AND b.rank = a.rank"
    )


def drop_working_tables(pairing: Pairing) -> None:
    """Removes what a pass of this kind leaves behind."""
    for table in ("candidates", "weighed", "certain", "uncertain"):
        pairing.engine.run(f"DROP TABLE {table}")
    for alias in "lr":
        pairing.engine.run(f"DROP TABLE rep_{alias}")
        pairing.engine.run(f"DROP TABLE alike_{alias}")
