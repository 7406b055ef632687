"""Three sides: each pair of them matched, and every item's three answers put together."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from tenuto.packs.finance.reconciliation.activities.matching.engine import Engine
from tenuto.packs.finance.reconciliation.activities.matching.identity import name_items
from tenuto.packs.finance.reconciliation.activities.matching.names import listed, of, quoted
from tenuto.packs.finance.reconciliation.activities.matching.outcome import (
    FOUND,
    SUFFIXES,
    differing,
    keep_open_edges,
    value_of,
)
from tenuto.packs.finance.reconciliation.activities.matching.output import (
    matched_fields,
    sort_fields,
)
from tenuto.packs.finance.reconciliation.activities.matching.pairing import Pairing
from tenuto.packs.finance.reconciliation.activities.matching.rounds import run_passes
from tenuto.packs.finance.reconciliation.activities.matching.sides import Loaded
from tenuto.packs.finance.reconciliation.models import Agreement
from tenuto.packs.finance.reconciliation.rules import RecRules

# ruff: noqa: S608 (names are quoted, values are bound)

TRIPLES = "triples"
"""`a, b, c`: row numbers of the three sides' items, null where missing; `outcome, side`."""

_PAIRS = ((0, 1), (0, 2), (1, 2))
_ALIASES = ("a", "b", "c")


@dataclass(frozen=True, kw_only=True)
class ThreeWay:
    """What three sides made of each other."""

    engine: Engine
    rules: RecRules
    sides: Sequence[Loaded]
    pairings: Sequence[Pairing]
    names: dict[int, str]
    """`pass_no` -> name of the pass."""


def compare_three(engine: Engine, rules: RecRules, sides: Sequence[Loaded]) -> ThreeWay:
    """Matches every pair of sides and fills `triples` and `found`."""
    pairings, names = [], dict[int, str]()
    for first, second in _PAIRS:
        pairing = Pairing(engine=engine, rules=rules, left=sides[first], right=sides[second])
        names = run_passes(pairing, ())
        _keep_links(pairing, f"{first}{second}")
        pairings.append(pairing)
    three = ThreeWay(engine=engine, rules=rules, sides=sides, pairings=pairings, names=names)
    _join_links(three)
    _name_and_collect(three)
    return three


def agreement_of(three: ThreeWay) -> tuple[Agreement, ...]:
    """How many items had which outcome."""
    rows = three.engine.rows(
        f"SELECT outcome, side, count(*) FROM {TRIPLES} GROUP BY ALL ORDER BY ALL"
    )
    return tuple(Agreement(outcome=o, side=side or None, count=count) for o, side, count in rows)


def matched_of(three: ThreeWay, index: int) -> tuple[int, Decimal]:
    """Items of one side on which all three agree, and their measure."""
    side = three.sides[index]
    measure = three.pairings[0].of_measure("s", side)
    count, amount = three.engine.row(
        f"SELECT count(*), coalesce(sum({measure}), 0) FROM {TRIPLES} t "
        f"JOIN {side.table} s ON s._n = t.{_ALIASES[index]} WHERE outcome = 'all-agree'"
    )
    return int(count), Decimal(amount)


def matches_query(three: ThreeWay) -> str:
    """The items on which all three agree, sorted."""
    rules = three.rules
    names = matched_fields(rules, three.sides)
    values = [value_of(rules.field(name), *each) for name in names for each in _shown(three)]
    shown = [quoted(f"{name}_{suffix}") for name in names for suffix in SUFFIXES]
    keys = [quoted(f"{name}_ours") for name in sort_fields(rules) if name in names]
    rows = (
        f"SELECT {listed(values)} FROM {TRIPLES} t {_joined(three)} WHERE t.outcome = 'all-agree'"
    )
    ordered = f"SELECT * FROM ({rows}) ORDER BY {listed([*keys, f'hash({listed(shown)})'])}"
    return (
        "SELECT 'three-way' AS pass, CAST(NULL AS BIGINT) AS group_no, "
        "CAST(NULL AS INTEGER) AS score, CAST(NULL AS VARCHAR) AS explanation, * "
        f"FROM ({ordered})"
    )


def suggestions_query(three: ThreeWay) -> str:
    """Candidates between any two sides, in both directions."""
    parts = [
        f"SELECT {alias}.item AS item, '{one.name}' AS side, {other_alias}.item AS candidate, "
        f"'{other.name}' AS candidate_side, 'three-way' AS pass, s.score, s.explanation "
        f"FROM suggested_{first}{second} s JOIN named_{first} x ON x.n = s.l "
        f"JOIN named_{second} y ON y.n = s.r"
        for first, second in _PAIRS
        for one, other, alias, other_alias in (
            (three.sides[first], three.sides[second], "x", "y"),
            (three.sides[second], three.sides[first], "y", "x"),
        )
    ]
    return f"SELECT * FROM ({' UNION ALL '.join(parts)}) ORDER BY item, candidate"


def _keep_links(pairing: Pairing, name: str) -> None:
    """`links_<ab>`: `x, y, agrees, differs`, one row per pair; `suggested_<ab>`."""
    engine = pairing.engine
    engine.run(
        f"CREATE TABLE links_{name} AS SELECT l AS x, r AS y, TRUE AS agrees, '' AS differs "
        f"FROM {pairing.matched} UNION ALL SELECT d.l, d.r, FALSE, {differing(pairing)} "
        f"FROM {pairing.differs} d JOIN {pairing.left.table} l ON l._n = d.l "
        f"JOIN {pairing.right.table} r ON r._n = d.r"
    )
    keep_open_edges(pairing)
    engine.run(f"ALTER TABLE suggested RENAME TO suggested_{name}")


def _join_links(three: ThreeWay) -> None:
    """Every item of every side in exactly one triple."""
    engine = three.engine
    a, b, c = (side.table for side in three.sides)
    engine.run(
        "CREATE TABLE rooted AS SELECT s._n AS a, "
        "coalesce(x.y, CASE WHEN NOT EXISTS (SELECT 1 FROM links_01 o WHERE o.y = v.x) "
        "THEN v.x END) AS b, "
        "coalesce(z.y, CASE WHEN NOT EXISTS (SELECT 1 FROM links_02 o WHERE o.y = w.y) "
        "THEN w.y END) AS c "
        f"FROM {a} s LEFT JOIN links_01 x ON x.x = s._n LEFT JOIN links_02 z ON z.x = s._n "
        "LEFT JOIN links_12 v ON v.y = z.y AND x.y IS NULL "
        "LEFT JOIN links_12 w ON w.x = x.y AND z.y IS NULL",
        "joining three sides",
    )
    engine.run(
        f"INSERT INTO rooted SELECT NULL, s._n, CASE WHEN v.y NOT IN "
        "(SELECT c FROM rooted WHERE c IS NOT NULL) THEN v.y END "
        f"FROM {b} s LEFT JOIN links_12 v ON v.x = s._n "
        "WHERE s._n NOT IN (SELECT b FROM rooted WHERE b IS NOT NULL)"
    )
    engine.run(
        f"INSERT INTO rooted SELECT NULL, NULL, s._n FROM {c} s "
        "WHERE s._n NOT IN (SELECT c FROM rooted WHERE c IS NOT NULL)"
    )
    engine.run(
        f"CREATE TABLE {TRIPLES} AS SELECT a, b, c, {_outcome()} AS outcome, "
        f"{_odd_one(three)} AS side, differs FROM (SELECT t.*, "
        "coalesce(x.agrees, FALSE) AS ab, coalesce(z.agrees, FALSE) AS ac, "
        "coalesce(v.agrees, FALSE) AS bc, concat_ws(',', nullif(x.differs, ''), "
        "nullif(z.differs, ''), nullif(v.differs, '')) AS differs, "
        "CAST(a IS NOT NULL AS INTEGER) + CAST(b IS NOT NULL AS INTEGER) "
        "+ CAST(c IS NOT NULL AS INTEGER) AS present FROM rooted t "
        "LEFT JOIN links_01 x ON x.x = t.a AND x.y = t.b "
        "LEFT JOIN links_02 z ON z.x = t.a AND z.y = t.c "
        "LEFT JOIN links_12 v ON v.x = t.b AND v.y = t.c)"
    )


def _outcome() -> str:
    agreeing = "CAST(ab AS INTEGER) + CAST(ac AS INTEGER) + CAST(bc AS INTEGER)"
    return (
        "CASE WHEN present = 1 THEN 'two-missing' WHEN present = 2 THEN 'one-missing' "
        f"WHEN {agreeing} = 3 THEN 'all-agree' WHEN {agreeing} = 2 THEN 'partly-agree' "
        f"WHEN {agreeing} = 1 THEN 'one-differs' ELSE 'none-agree' END"
    )


def _odd_one(three: ThreeWay) -> str:
    """The side that differs or is missing; of an item that one side alone has, that side."""
    first, second, third = (three.engine.bind(side.name) for side in three.sides)
    return (
        f"CASE WHEN present = 1 THEN CASE WHEN a IS NOT NULL THEN {first} "
        f"WHEN b IS NOT NULL THEN {second} ELSE {third} END "
        f"WHEN present = 2 THEN CASE WHEN a IS NULL THEN {first} "
        f"WHEN b IS NULL THEN {second} ELSE {third} END "
        f"WHEN ab AND NOT ac AND NOT bc THEN {third} WHEN ac AND NOT ab AND NOT bc THEN {second} "
        f"WHEN bc AND NOT ab AND NOT ac THEN {first} ELSE '' END"
    )


def _name_and_collect(three: ThreeWay) -> None:
    engine, rules = three.engine, three.rules
    for index, (alias, side) in enumerate(zip(_ALIASES, three.sides, strict=True)):
        wanted = (
            f"SELECT {alias} AS n FROM {TRIPLES} "
            f"WHERE outcome <> 'all-agree' AND {alias} IS NOT NULL"
        )
        name_items(engine, rules, side, wanted, f"named_{index}")
    names = engine.bind(":".join(side.name for side in three.sides))
    values = [value_of(field, *each) for field in rules.fields for each in _shown(three)]
    flawed = " OR ".join(f"coalesce({alias}._flawed, FALSE)" for alias in ("l", "r", "q"))
    engine.run(
        f"CREATE TABLE {FOUND} AS SELECT {names} AS sides, x.item AS ours_item, "
        "y.item AS theirs_item, z.item AS third_item, coalesce(x.key, y.key, z.key) AS key, "
        "t.differs, trim(t.outcome || ' ' || t.side) AS outcome, 0 AS candidates, "
        f"FALSE AS is_duplicate, {flawed} AS is_flawed, {listed(values)} "
        f"FROM {TRIPLES} t {_joined(three)} LEFT JOIN named_0 x ON x.n = t.a "
        "LEFT JOIN named_1 y ON y.n = t.b LEFT JOIN named_2 z ON z.n = t.c "
        "WHERE t.outcome <> 'all-agree'",
        "collecting breaks",
    )


def _joined(three: ThreeWay) -> str:
    return " ".join(
        f"LEFT JOIN {side.table} {alias} ON {of(alias, '_n')} = t.{column}"
        for side, alias, column in zip(three.sides, ("l", "r", "q"), _ALIASES, strict=True)
    )


def _shown(three: ThreeWay) -> Iterator[tuple[str, Loaded, str]]:
    yield from zip(("l", "r", "q"), three.sides, SUFFIXES, strict=True)
