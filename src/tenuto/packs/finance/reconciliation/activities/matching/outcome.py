"""What two sides did not agree on, as raw breaks: paired with a difference, alone, ambiguous."""

from collections.abc import Iterator

from tenuto.packs.finance.reconciliation.activities.matching.identity import name_items
from tenuto.packs.finance.reconciliation.activities.matching.margins import within
from tenuto.packs.finance.reconciliation.activities.matching.names import listed, of, quoted
from tenuto.packs.finance.reconciliation.activities.matching.pairing import Pairing, columns_of
from tenuto.packs.finance.reconciliation.activities.matching.sides import Loaded
from tenuto.packs.finance.reconciliation.rules import RecRules
from tenuto.packs.finance.reconciliation.side_rules import RecField

# ruff: noqa: S608 (names are quoted, values are bound)

FOUND = "found"
SUFFIXES = ("ours", "theirs", "third")


def collect_breaks(pairing: Pairing) -> None:
    """Tables `found` (raw breaks), `named_l` and `named_r` (items behind them), `suggested`."""
    _name_open_items(pairing)
    keep_open_edges(pairing)
    pairing.engine.run(
        f"CREATE TABLE {FOUND} AS {' UNION ALL BY NAME '.join(_parts(pairing))}",
        "collecting breaks",
    )


def found_columns(rules: RecRules) -> Iterator[str]:
    """Names of the columns of `found`, in order."""
    yield from ("sides", "ours_item", "theirs_item", "third_item", "key", "differs", "outcome")
    yield from ("candidates", "is_duplicate", "is_flawed")
    for each in rules.fields:
        for suffix in SUFFIXES[: len(rules.sides)]:
            yield f"{each.name}_{suffix}"


def value_of(field: RecField, alias: str, side: Loaded | None, suffix: str) -> str:
    """One field of one side under the name it has in results; null where there is none."""
    kinds = {"decimal": f"DECIMAL(38, {field.places})", "date": "DATE"}
    value = of(alias, field.name) if side and field.name in side.fields else "NULL"
    sql_type = kinds.get(field.kind, "VARCHAR")
    return f"CAST({value} AS {sql_type}) AS {quoted(field.name + '_' + suffix)}"


def differing(pairing: Pairing) -> str:
    """The compared fields in which `l` and `r` do not agree, comma separated."""
    parts = [
        f"CASE WHEN NOT ({within(pairing.engine, pairing.rules, each, pairing.types)}) "
        f"THEN '{each.field}' END"
        for each in pairing.rules.compare
        if each.field in pairing.common
    ]
    return f"concat_ws(',', {listed(parts)})" if parts else "''"


def _name_open_items(pairing: Pairing) -> None:
    for alias, side, table in (
        ("l", pairing.left, pairing.open_left),
        ("r", pairing.right, pairing.open_right),
    ):
        wanted = f"SELECT _n AS n FROM {table} UNION ALL SELECT {alias} FROM {pairing.differs}"
        name_items(pairing.engine, pairing.rules, side, wanted, f"named_{alias}")


def keep_open_edges(pairing: Pairing) -> None:
    """`suggested`: edges whose two items are both still open, the first pass that saw each."""
    pairing.engine.run(
        "CREATE TABLE suggested AS SELECT e.l, e.r, min(e.pass_no) AS pass_no, "
        f"max(e.score) AS score, min(e.explanation) AS explanation FROM {pairing.edges} e "
        f"SEMI JOIN {pairing.open_left} a ON a._n = e.l "
        f"SEMI JOIN {pairing.open_right} b ON b._n = e.r GROUP BY e.l, e.r"
    )


def _parts(pairing: Pairing) -> Iterator[str]:
    rules, engine = pairing.rules, pairing.engine
    sides = engine.bind(f"{pairing.left.name}:{pairing.right.name}")
    both = [
        *(value_of(each, "l", pairing.left, "ours") for each in rules.fields),
        *(value_of(each, "r", pairing.right, "theirs") for each in rules.fields),
    ]
    yield (
        f"SELECT {sides} AS sides, a.item AS ours_item, b.item AS theirs_item, "
        f"CAST(NULL AS VARCHAR) AS third_item, a.key, {differing(pairing)} AS differs, "
        "'' AS outcome, 0 AS candidates, FALSE AS is_duplicate, "
        f"l._flawed OR r._flawed AS is_flawed, {listed(both)} FROM {pairing.differs} d "
        f"JOIN {pairing.left.table} l ON l._n = d.l JOIN {pairing.right.table} r ON r._n = d.r "
        "JOIN named_l a ON a.n = d.l JOIN named_r b ON b.n = d.r"
    )
    yield _alone(pairing, "l")
    yield _alone(pairing, "r")


def _alone(pairing: Pairing, alias: str) -> str:
    is_left = alias == "l"
    side = pairing.left if is_left else pairing.right
    table = pairing.open_left if is_left else pairing.open_right
    sides = pairing.engine.bind(f"{pairing.left.name}:{pairing.right.name}")
    _count_duplicates(pairing, side, table, alias)
    nobody = "CAST(NULL AS VARCHAR)"
    items = [("n.item", nobody), (nobody, "n.item")][not is_left]
    values = [
        *(value_of(each, "o", side if is_left else None, "ours") for each in pairing.rules.fields),
        *(
            value_of(each, "o", None if is_left else side, "theirs")
            for each in pairing.rules.fields
        ),
    ]
    return (
        f"SELECT {sides} AS sides, {items[0]} AS ours_item, {items[1]} AS theirs_item, "
        f"{nobody} AS third_item, n.key, '' AS differs, '' AS outcome, "
        "coalesce(c.candidates, 0) AS candidates, "
        f"u.c > 1 AS is_duplicate, o._flawed AS is_flawed, {listed(values)} "
        f"FROM {table} o JOIN named_{alias} n ON n.n = o._n "
        f"JOIN twins_{alias} u ON u.h = hash({_alike(pairing, side, 'o')}) "
        f"LEFT JOIN (SELECT {alias}, count(*) AS candidates FROM suggested WHERE score IS NULL "
        f"GROUP BY {alias}) c ON c.{alias} = o._n"
    )


def _count_duplicates(pairing: Pairing, side: Loaded, table: str, alias: str) -> None:
    """`twins_<alias>`: how many items of the side say the same about the same thing."""
    pairing.engine.run(
        f"CREATE TABLE twins_{alias} AS SELECT h, count(*) AS c FROM "
        f"(SELECT hash({_alike(pairing, side, 's')}) AS h FROM {side.table} s) "
        f"WHERE h IN (SELECT hash({_alike(pairing, side, 'o')}) FROM {table} o) GROUP BY h",
        "looking for duplicates",
    )


def _alike(pairing: Pairing, side: Loaded, alias: str) -> str:
    names = [
        *pairing.rules.partition,
        *(name for key in pairing.rules.identity for name in key),
        *(each.field for each in pairing.rules.compare),
    ]
    return columns_of([name for name in dict.fromkeys(names) if name in side.fields], alias)
