"""Who an item is, the same tomorrow as today: a hash of what the rules call its identity.

The first alternative that the item has whole, and shares with no other item of its side, names
it. An item that nothing names alone is named by all it says, and a number among its equals.
"""

from collections.abc import Sequence

from tenuto.packs.finance.reconciliation.activities.matching.engine import Engine
from tenuto.packs.finance.reconciliation.activities.matching.names import (
    both,
    content,
    listed,
    of,
)
from tenuto.packs.finance.reconciliation.activities.matching.pairing import columns_of
from tenuto.packs.finance.reconciliation.activities.matching.sides import Loaded
from tenuto.packs.finance.reconciliation.rules import RecRules

# ruff: noqa: S608 (names are quoted, values are bound)


def name_items(engine: Engine, rules: RecRules, side: Loaded, wanted: str, table: str) -> None:
    """Creates `table`: `n, item, key` for the rows that the query `wanted` (of `n`) names.

    `item` is 32 hexadecimal characters, `key` the identity in words.
    """
    partition = [name for name in rules.partition if name in side.fields]
    alternatives = [key for key in rules.identity if set(key) <= set(side.fields)]
    engine.run(
        f"CREATE TABLE named AS SELECT s.* FROM {side.table} s SEMI JOIN ({wanted}) w ON w.n = s._n"
    )
    joins, uses = [], []
    for number, key in enumerate(alternatives):
        names = [*partition, *key]
        _count_sharers(engine, side, names, number)
        joins.append(
            f"LEFT JOIN sharers_{number} u{number} ON u{number}.h = hash({columns_of(names, 's')})"
        )
        present = both(f"{of('s', name)} IS NOT NULL" for name in key)
        uses.append((f"{present} AND u{number}.c = 1", names))
    last = [*partition, *(rules.identity[-1] if alternatives else side.fields)]
    last = [name for name in last if name in side.fields]
    everything = content("s", side.fields)
    rank = f"row_number() OVER (PARTITION BY {everything} ORDER BY s._n)"
    engine.run(
        f"CREATE TABLE {table} AS SELECT n, md5(concat_ws(chr(31), {engine.bind(rules.rec_id)}, "
        f"{engine.bind(side.name)}, coalesce(known, everything || chr(31) || rank))) AS item, "
        "coalesce(known, alike || ' #' || rank) AS key FROM (SELECT s._n AS n, "
        f"{_first(uses)} AS known, {everything} AS everything, {rank} AS rank, "
        f"{_words(last)} AS alike FROM named s {' '.join(joins)})",
        "naming breaks",
    )
    engine.run("DROP TABLE named")
    for number in range(len(alternatives)):
        engine.run(f"DROP TABLE sharers_{number}")


def _count_sharers(engine: Engine, side: Loaded, names: Sequence[str], number: int) -> None:
    engine.run(
        f"CREATE TABLE sharers_{number} AS SELECT h, count(*) AS c FROM "
        f"(SELECT hash({columns_of(names, 's')}) AS h FROM {side.table} s) "
        f"WHERE h IN (SELECT hash({columns_of(names, 's')}) FROM named s) GROUP BY h"
    )


def _first(uses: Sequence[tuple[str, Sequence[str]]]) -> str:
    if not uses:
        return "CAST(NULL AS VARCHAR)"
    cases = " ".join(f"WHEN {condition} THEN {_words(names)}" for condition, names in uses)
    return f"CASE {cases} END"


def _words(names: Sequence[str]) -> str:
    """`account=A1 isin=US0378331005`; what is missing is left out."""
    parts = [f"'{name}=' || CAST({of('s', name)} AS VARCHAR)" for name in dict.fromkeys(names)]
    return f"concat_ws(' ', {listed(parts)})" if parts else "''"
