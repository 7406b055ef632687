"""Pairs that could match within margins, found without trying every pair."""

from collections.abc import Sequence

from tenuto.packs.finance.reconciliation.activities.matching.margins import widest
from tenuto.packs.finance.reconciliation.activities.matching.names import both, of
from tenuto.packs.finance.reconciliation.activities.matching.pairing import Pairing, columns_of
from tenuto.packs.finance.reconciliation.rules import Compare

# ruff: noqa: S608 (names are quoted, values are bound)

TRIED = 20_000_000
"""Pairs that are tried one by one; above it, only pairs whose amounts are near are looked at."""
CROWD = 1_000_000
"""Pairs that one group of equal keys and near amounts may make: a larger one stays open."""


def find_candidates(
    pairing: Pairing,
    pass_no: int,
    key: Sequence[str],
    compared: Sequence[Compare],
    tables: tuple[str, str],
) -> None:
    """Table `candidates`: `l, r`, every pair of rows of `tables` (items and `_hash`) that agrees.

    Where more than a million pairs share keys and amounts, they cannot be told apart: such items
    get no candidates but edges that say so.
    """
    engine = pairing.engine
    left, right = tables
    is_pair = f"{pairing.same_key(key)} AND ({pairing.agree(compared)})"
    if not _is_crowded(pairing, key, tables):
        engine.run(
            f"CREATE TABLE candidates AS SELECT l._n AS l, r._n AS r FROM {left} l "
            f"JOIN {right} r ON {pairing.same_key(key)} WHERE {pairing.agree(compared)}",
            "looking for candidates",
        )
        return
    _spread(pairing, _nearest(pairing, compared), left, right)
    shared = [*pairing.partition, *key]
    _find_crowds(pairing, shared)
    in_crowd = both([_null_safe(shared, "c", "r"), "c._bucket = r._bucket"])
    engine.run(
        "CREATE TABLE candidates AS SELECT DISTINCT l._n AS l, r._n AS r FROM near_l l JOIN "
        f"(SELECT * FROM near_r r WHERE NOT EXISTS (SELECT 1 FROM crowds c WHERE {in_crowd})) r "
        f"ON l._bucket = r._bucket AND {is_pair}",
        "looking for near candidates",
    )
    _say_crowded(pairing, shared, pass_no)
    for table in ("near_l", "near_r", "crowds"):
        engine.run(f"DROP TABLE {table}")


def _find_crowds(pairing: Pairing, shared: Sequence[str]) -> None:
    sizes = [
        f"(SELECT {columns_of(shared, 't')}, _bucket, count(*) AS _size FROM near_{alias} t "
        "GROUP BY ALL)"
        for alias in "lr"
    ]
    same_bucket = both([_null_safe(shared, "l", "r"), "l._bucket = r._bucket"])
    pairing.engine.run(
        f"CREATE TABLE crowds AS SELECT l.* FROM {sizes[0]} l JOIN {sizes[1]} r ON {same_bucket} "
        f"WHERE CAST(l._size AS DOUBLE) * r._size > {CROWD}"
    )


def _say_crowded(pairing: Pairing, shared: Sequence[str], pass_no: int) -> None:
    """Each item of a crowd with the first two of the other side, so that it shows as ambiguous."""
    same_bucket = both([_null_safe(shared, "l", "r"), "l._bucket = r._bucket"])
    ranked = [
        f"(SELECT t.*, row_number() OVER (PARTITION BY {columns_of(shared, 't')}, t._bucket "
        f"ORDER BY t._hash, t._n) AS _rank FROM near_{alias} t "
        f"SEMI JOIN crowds c ON {both([_null_safe(shared, 'c', 't'), 'c._bucket = t._bucket'])})"
        for alias in "lr"
    ]
    words = pairing.engine.bind("one of more than a million alike pairs")
    pairing.engine.run(
        f"INSERT INTO {pairing.edges} SELECT {pass_no}, l._n, r._n, NULL, {words} "
        f"FROM {ranked[0]} l JOIN {ranked[1]} r ON {same_bucket} "
        "WHERE l._rank <= 2 OR r._rank <= 2"
    )


def _is_crowded(pairing: Pairing, key: Sequence[str], tables: tuple[str, str]) -> bool:
    shared = [*pairing.partition, *key]
    left, right = (
        f"(SELECT {columns_of(shared, 't')}, count(*) AS _size FROM {table} t GROUP BY ALL)"
        for table in tables
    )
    (pairs,) = pairing.engine.row(
        "SELECT coalesce(sum(CAST(l._size AS DOUBLE) * r._size), 0) "
        f"FROM {left} l JOIN {right} r ON {pairing.same_key(key)}"
    )
    return float(pairs) > TRIED


def _nearest(pairing: Pairing, compared: Sequence[Compare]) -> Compare | None:
    """The compared field by which near pairs are found: the measure, or another decimal."""
    decimals = [each for each in compared if pairing.rules.field(each.field).kind == "decimal"]
    decimals.sort(key=lambda each: each.field != pairing.measure)
    return decimals[0] if decimals else None


def _spread(pairing: Pairing, near: Compare | None, left: str, right: str) -> None:
    """`near_l` and `near_r`: rows with buckets; two rows within the margin share at least one.

    Amounts are put on a scale on which the margin has about the same width everywhere. Buckets
    are only a first sieve, so that doubles do; the margin itself is then tested exactly.
    """
    engine = pairing.engine
    if near is None:
        for alias, table in (("l", left), ("r", right)):
            engine.run(f"CREATE TABLE near_{alias} AS SELECT t.*, 0 AS _bucket FROM {table} t")
        return
    margin = widest(near)
    value = f"CAST({of('t', near.field)} AS DOUBLE)"
    absolute, relative = float(margin.absolute), float(margin.relative)
    relative = relative / (1 - relative)
    reach = f"(greatest({absolute!r}, {relative!r} * abs({value})) * 1.000001 + 1e-12)"
    if relative:
        unit = absolute / relative if absolute else 1e-6
        width = relative * 4

        def bucket(of_value: str) -> str:
            scaled = f"sign({of_value}) * ln(1 + abs({of_value}) / {unit!r})"
            return f"CAST(floor(({scaled}) / {width!r}) AS BIGINT)"
    else:
        width = absolute * 4 or 10.0 ** -pairing.rules.field(near.field).places

        def bucket(of_value: str) -> str:
            return f"CAST(floor(({of_value}) / {width!r} + 0.5) AS BIGINT)"

    engine.run(
        "CREATE TABLE near_l AS SELECT t.*, "
        f"unnest(range({bucket(f'{value} - {reach}')}, {bucket(f'{value} + {reach}')} + 1)) "
        f"AS _bucket FROM {left} t WHERE {of('t', near.field)} IS NOT NULL"
    )
    engine.run(
        f"CREATE TABLE near_r AS SELECT t.*, {bucket(value)} AS _bucket FROM {right} t "
        f"WHERE {of('t', near.field)} IS NOT NULL"
    )


def _null_safe(names: Sequence[str], left: str, right: str) -> str:
    return both(f"{of(left, name)} IS NOT DISTINCT FROM {of(right, name)}" for name in names)
