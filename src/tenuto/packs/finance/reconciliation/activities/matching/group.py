"""Pass `group`: the items that share a key add up to the same on both sides.

Added up are the decimals, but for prices; every other compared value must be one and the same in
the whole group, dates within their days.
"""

from collections.abc import Iterator

from tenuto.packs.finance.reconciliation.activities.matching.margins import TYPE, by_type, day_of
from tenuto.packs.finance.reconciliation.activities.matching.names import both, of, quoted
from tenuto.packs.finance.reconciliation.activities.matching.pairing import (
    Pairing,
    columns_of,
    record_groups,
)
from tenuto.packs.finance.reconciliation.rules import Compare, Pass

# ruff: noqa: S608 (names are quoted, values are bound)

_SHAPES = {
    "one-to-many": "l._size = 1 AND r._size > 1",
    "many-to-one": "l._size > 1 AND r._size = 1",
    "many-to-many": "l._size > 1 AND r._size > 1",
}


def match_groups(pairing: Pairing, rule: Pass, pass_no: int, key: tuple[str, ...]) -> None:
    """Records groups whose sums agree."""
    if not key:
        return  # everything against everything would match any two totals
    compared = [each for each in pairing.compared(rule) if each.field not in key]
    shapes = " OR ".join(f"({_SHAPES[shape]})" for shape in rule.shapes)
    agree = both(_agrees(pairing, each) for each in compared)
    left, right = (_sums(pairing, compared, key, alias) for alias in "lr")
    pairing.engine.run(
        f"CREATE TABLE groups AS SELECT l._first AS g, r._first AS other FROM ({left}) l "
        f"JOIN ({right}) r ON {pairing.same_key(key)} WHERE ({shapes}) AND {agree}",
        "adding up groups",
    )
    record_groups(
        pairing,
        pass_no,
        _members(pairing, key, "l", "g"),
        _members(pairing, key, "r", "other"),
    )
    pairing.engine.run("DROP TABLE groups")


def _sums(pairing: Pairing, compared: list[Compare], key: tuple[str, ...], alias: str) -> str:
    shared = [*pairing.partition, *key]
    kind = of("t", TYPE)
    one_type = f"CASE WHEN min({kind}) = max({kind}) THEN min({kind}) END AS _type"
    parts = [
        columns_of(shared, "t"),
        "count(*) AS _size",
        "min(t._n) AS _first",
        *(part for each in compared for part in _summed(pairing, each)),
        *([one_type] if pairing.types["lr".index(alias)] else []),
    ]
    grouped = ", ".join(str(number + 1) for number in range(len(shared)))
    table = pairing.open_left if alias == "l" else pairing.open_right
    return (
        f"SELECT {', '.join(parts)} FROM {table} t WHERE {pairing.usable('t', key)} "
        f"GROUP BY {grouped}"
    )


def _summed(pairing: Pairing, compare: Compare) -> Iterator[str]:
    column, name = of("t", compare.field), compare.field
    if _is_added(pairing, compare):
        yield f"sum({column}) AS {quoted('_sum_' + name)}"
        yield f"count({column}) = count(*) AS {quoted('_whole_' + name)}"
    elif pairing.rules.field(name).kind == "date" and compare.days:
        yield f"min({of('t', day_of(name))}) AS {quoted('_low_' + name)}"
        yield f"max({of('t', day_of(name))}) AS {quoted('_high_' + name)}"
    elif pairing.rules.field(name).kind != "decimal":
        yield f"min({column}) AS {quoted('_low_' + name)}"
        yield f"max({column}) AS {quoted('_high_' + name)}"


def _agrees(pairing: Pairing, compare: Compare) -> str:
    name = compare.field
    if _is_added(pairing, compare):
        left, right = of("l", f"_sum_{name}"), of("r", f"_sum_{name}")
        whole = [of("l", f"_whole_{name}"), of("r", f"_whole_{name}")]
        known = [f"{alias}._type" for alias, has in zip("lr", pairing.types, strict=True) if has]
        kind = f"coalesce({', '.join(known)})" if known else None
        return both([*whole, by_type(pairing.engine, compare, left, right, kind)])
    kind_of = pairing.rules.field(name).kind
    low, high = f"_low_{name}", f"_high_{name}"
    if kind_of == "date" and compare.days:
        first = f"least({of('l', low)}, {of('r', low)})"
        last = f"greatest({of('l', high)}, {of('r', high)})"
        return f"{last} - {first} <= {pairing.engine.bind(compare.days)}"
    if kind_of == "decimal":
        return "TRUE"
    ends = [of("l", low), of("l", high), of("r", low), of("r", high)]
    return both(f"{ends[0]} IS NOT DISTINCT FROM {each}" for each in ends[1:])


def _is_added(pairing: Pairing, compare: Compare) -> bool:
    is_decimal = pairing.rules.field(compare.field).kind == "decimal"
    return is_decimal and compare.break_class != "price"


def _members(pairing: Pairing, key: tuple[str, ...], alias: str, first: str) -> str:
    """`g, n` of every item of one side's groups."""
    table = pairing.open_left if alias == "l" else pairing.open_right
    shared = [*pairing.partition, *key]
    same = both(f"{of('h', name)} IS NOT DISTINCT FROM {of('m', name)}" for name in shared)
    return (
        f"SELECT g.g AS g, m._n AS n FROM groups g JOIN {table} h ON h._n = g.{first} "
        f"JOIN {table} m ON {same} WHERE {pairing.usable('m', key)}"
    )
