"""Results of matching as Parquet, sorted by what they say and not by where it stood in a file."""

from collections.abc import Sequence

from tenuto.artifacts.store import ArtifactStore
from tenuto.core.references import Dataset
from tenuto.packs.finance.reconciliation.activities.datasets import store_parquet
from tenuto.packs.finance.reconciliation.activities.matching.engine import Engine
from tenuto.packs.finance.reconciliation.activities.matching.names import (
    content,
    listed,
    of,
    quoted,
)
from tenuto.packs.finance.reconciliation.activities.matching.outcome import (
    FOUND,
    SUFFIXES,
    found_columns,
    value_of,
)
from tenuto.packs.finance.reconciliation.activities.matching.pairing import Pairing
from tenuto.packs.finance.reconciliation.activities.matching.sides import EXCEPTIONS, Loaded
from tenuto.packs.finance.reconciliation.rules import RecRules
from tenuto.packs.finance.reconciliation.side_rules import RecField

# ruff: noqa: S608 (names are quoted, values are bound)

INSTRUMENT = ("isin", "cusip", "sedol", "instrument_id", "reference", "class_id")


class Writer:
    """Stores the rows of queries as datasets."""

    def __init__(self, engine: Engine, store: ArtifactStore) -> None:
        self._engine = engine
        self._store = store
        self._count = 0

    def write(self, query: str, name: str) -> Dataset:
        """The rows of `query`, which sorts them, as a dataset; streamed, so any number."""
        self._count += 1
        path = self._engine.folder / f"output-{self._count}.parquet"
        self._engine.copy(query, path)
        stored = store_parquet(self._store, path, name)
        path.unlink()
        return stored


def write_found(writer: Writer, rules: RecRules) -> Dataset:
    """The raw breaks."""
    columns = listed(quoted(name) for name in found_columns(rules))
    return writer.write(
        f"SELECT {columns} FROM {FOUND} ORDER BY sides, ours_item, theirs_item, third_item",
        "found",
    )


def write_exceptions(writer: Writer) -> Dataset:
    """What could not be normalised."""
    return writer.write(f"SELECT DISTINCT * FROM {EXCEPTIONS} ORDER BY ALL", "exceptions")


def write_matches(writer: Writer, pairing: Pairing, names: dict[int, str]) -> Dataset:
    """Every match with the pass that made it; a group's rows follow each other."""
    rules = pairing.rules
    names_of = matched_fields(rules, (pairing.left, pairing.right))
    _gather_matches(pairing, names, [rules.field(name) for name in names_of])
    shown = [quoted(f"{name}_{suffix}") for name in names_of for suffix in SUFFIXES[:2]]
    keys = [
        f"coalesce({quoted(f'{name}_ours')}, {quoted(f'{name}_theirs')})"
        for name in sort_fields(rules)
        if name in names_of
    ]
    stored = writer.write(
        f"SELECT {pass_name(pairing, names)} AS pass, group_no, score, explanation, "
        f"{listed(shown)} FROM gathered ORDER BY pass_no, group_no NULLS FIRST, "
        f"{listed([*keys, f'hash({listed(shown)})'])}",
        "matches",
    )
    pairing.engine.run("DROP TABLE gathered")
    return stored


def _gather_matches(pairing: Pairing, names: dict[int, str], fields: Sequence[RecField]) -> None:
    """`gathered`: the matches with both sides' values.

    One join at a time: two large ones at once do not fit into little memory, not even by spilling.
    """
    _number_groups(pairing)
    left = [value_of(each, "l", pairing.left, "ours") for each in fields]
    right = [value_of(each, "r", pairing.right, "theirs") for each in fields]
    engine = pairing.engine
    engine.run(
        "CREATE TABLE half_gathered AS SELECT m.pass_no, m.g, m.r, m.score, m.explanation, "
        f"{listed(left)} FROM {pairing.matched} m LEFT JOIN {pairing.left.table} l ON l._n = m.l "
        f"WHERE m.pass_no IN ({_kept_passes(pairing.rules, names)})",
        "gathering matches",
    )
    engine.run(
        f"CREATE TABLE gathered AS SELECT h.*, q.number AS group_no, {listed(right)} "
        f"FROM half_gathered h LEFT JOIN {pairing.right.table} r ON r._n = h.r "
        "LEFT JOIN group_numbers q ON q.pass_no = h.pass_no AND q.g = h.g",
        "gathering matches",
    )
    engine.run("DROP TABLE half_gathered")


def _kept_passes(rules: RecRules, names: dict[int, str]) -> str:
    exact = {each.name for each in rules.passes if each.kind == "exact"}
    left_out = exact if rules.keep_matches == "inexact" else set()
    return listed(["0", *(str(number) for number, name in names.items() if name not in left_out)])


def pass_name(pairing: Pairing, names: dict[int, str]) -> str:
    """The name of the pass behind `pass_no`."""
    bind = pairing.engine.bind
    cases = " ".join(f"WHEN {number} THEN {bind(name)}" for number, name in sorted(names.items()))
    return f"CASE pass_no {cases} END"


def write_sums(writer: Writer, rules: RecRules, sides: Sequence[Loaded]) -> Dataset:
    """What each side's own rows add up to, by account and currency."""
    parts = []
    for side in sides:
        shown = [
            f"{of('s', name) if name in side.fields else 'CAST(NULL AS VARCHAR)'} AS {name}"
            for name in ("account", "currency")
        ]
        measure = of("s", rules.measure or "") if rules.measure in side.fields else "0"
        parts.append(
            f"SELECT '{side.name}' AS side, {listed(shown)}, count(*) AS rows, "
            f"coalesce(sum({measure}), 0) AS amount FROM {side.table} s WHERE _n > 0 GROUP BY ALL"
        )
    return writer.write(f"SELECT * FROM ({' UNION ALL '.join(parts)}) ORDER BY ALL", "sums")


def write_items(writer: Writer, rules: RecRules, sides: Sequence[tuple[Loaded, str]]) -> Dataset:
    """The items behind breaks: `sides` are the sides with their tables of named items."""
    parts = []
    for side, named in sides:
        values = [value_of(each, "s", side, "") for each in rules.fields]
        parts.append(
            f"SELECT n.item, '{side.name}' AS side, {listed(values)} "
            f"FROM {named} n JOIN {side.table} s ON s._n = n.n"
        )
    columns = [f"{quoted(each.name + '_')} AS {quoted(each.name)}" for each in rules.fields]
    return writer.write(
        f"SELECT item, side, {listed(columns)} FROM ({' UNION ALL '.join(parts)}) "
        "ORDER BY item, side",
        "items",
    )


def write_suggestions(writer: Writer, pairing: Pairing, names: dict[int, str]) -> Dataset:
    """Candidates of what is still open, in both directions."""
    name = pass_name(pairing, names)
    left, right = pairing.left.name, pairing.right.name
    both = [
        f"SELECT {one}.item AS item, '{of_one}' AS side, {other}.item AS candidate, "
        f"'{of_other}' AS candidate_side, {name} AS pass, s.score, s.explanation "
        "FROM suggested s JOIN named_l a ON a.n = s.l JOIN named_r b ON b.n = s.r"
        for one, of_one, other, of_other in (("a", left, "b", right), ("b", right, "a", left))
    ]
    return writer.write(
        f"SELECT * FROM ({' UNION ALL '.join(both)}) ORDER BY item, score DESC, candidate",
        "suggestions",
    )


def write_write_offs(writer: Writer, pairing: Pairing, names: dict[int, str]) -> Dataset:
    """Matches that leave a difference in the measure or in the value; an exact pass leaves none."""
    exact = {each.name for each in pairing.rules.passes if each.kind == "exact"}
    loose = [number for number, name in names.items() if name not in exact]
    rules = pairing.rules
    left, right = pairing.left, pairing.right
    shown = listed(
        f"min({_first(rules, pairing, names)}) AS {label}"
        for label, names in (
            ("account", ("account", "class_id")),
            ("instrument", INSTRUMENT),
            ("currency", ("currency",)),
        )
    )
    value = rules.value or rules.measure or ""
    values = [
        f"sum({of(alias, value)})" if value in side.fields else "NULL"
        for alias, side in (("l", left), ("r", right))
    ]
    scale = rules.field(value).places
    rows = (
        f"SELECT {pass_name(pairing, names)} AS pass, {shown}, sum(coalesce(lm, 0)) AS ours, "
        "sum(coalesce(rm, 0)) AS theirs, "
        f"CAST({values[0]} AS DECIMAL(38, {scale})) AS ours_value, "
        f"CAST({values[1]} AS DECIMAL(38, {scale})) AS theirs_value "
        f"FROM {pairing.matched} m LEFT JOIN {left.table} l ON l._n = m.l "
        f"LEFT JOIN {right.table} r ON r._n = m.r "
        f"WHERE m.pass_no IN ({listed(map(str, [0, *loose]))}) "
        f"AND (m.g IS NOT NULL OR lm <> rm{_or_value(pairing, value)}) "
        "GROUP BY m.pass_no, m.g, CASE WHEN m.g IS NULL THEN m.l END"
    )
    return writer.write(
        "SELECT pass, account, instrument, currency, ours, theirs, ours - theirs AS difference, "
        f"ours_value, theirs_value FROM ({rows}) "
        "WHERE ours <> theirs OR ours_value <> theirs_value ORDER BY ALL",
        "write-offs",
    )


def _or_value(pairing: Pairing, value: str) -> str:
    if value not in pairing.common:
        return ""
    return f" OR {of('l', value)} IS DISTINCT FROM {of('r', value)}"


def matched_fields(rules: RecRules, sides: Sequence[Loaded]) -> list[str]:
    """Fields that the table of matches shows: of those it needs, the ones that a side has."""
    names = [
        *rules.partition,
        *(name for key in rules.identity for name in key),
        *(each.field for each in rules.compare),
    ]
    known = {name for side in sides for name in side.fields}
    return [name for name in dict.fromkeys(names) if name in known]


def sort_fields(rules: RecRules) -> list[str]:
    """Fields that matches are sorted by, before a hash of everything settles what is left."""
    return list(dict.fromkeys([*rules.partition, *rules.identity[0]]))


def _number_groups(pairing: Pairing) -> None:
    """`group_numbers`: `pass_no, g, number`, numbered by what the groups hold."""
    left = content("l", pairing.left.fields)
    right = content("r", pairing.right.fields)
    pairing.engine.run(
        "CREATE OR REPLACE TABLE group_numbers AS SELECT pass_no, g, "
        "row_number() OVER (ORDER BY pass_no, held, g) AS number FROM ("
        f"SELECT m.pass_no, m.g, coalesce(string_agg({left}, chr(30) ORDER BY {left}), '') || "
        f"chr(29) || coalesce(string_agg({right}, chr(30) ORDER BY {right}), '') AS held "
        f"FROM {pairing.matched} m LEFT JOIN {pairing.left.table} l ON l._n = m.l "
        f"LEFT JOIN {pairing.right.table} r ON r._n = m.r WHERE m.g IS NOT NULL "
        "GROUP BY m.pass_no, m.g)"
    )


def _first(rules: RecRules, pairing: Pairing, names: Sequence[str]) -> str:
    """The first of these fields that either side has a value in, as text."""
    known = {each.name for each in rules.fields}
    found = [
        of(alias, name)
        for name in names
        if name in known
        for alias, side in (("l", pairing.left), ("r", pairing.right))
        if name in side.fields
    ]
    return f"coalesce({listed(found)})" if found else "CAST(NULL AS VARCHAR)"
