"""Two sides being matched: what is still open, what is matched, and that nothing got lost."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from tenuto.core.errors import DataError, UsageError
from tenuto.core.money import total
from tenuto.packs.finance.reconciliation.activities.matching.engine import Engine
from tenuto.packs.finance.reconciliation.activities.matching.margins import TYPE, same, within
from tenuto.packs.finance.reconciliation.activities.matching.names import both, of, quoted
from tenuto.packs.finance.reconciliation.activities.matching.sides import Loaded
from tenuto.packs.finance.reconciliation.models import PassCount
from tenuto.packs.finance.reconciliation.rules import Compare, Pass, RecRules

# ruff: noqa: S608 (names are quoted, values are bound)

CANDIDATES_KEPT = 10
"""Candidates listed for one ambiguous item."""


@dataclass(kw_only=True)
class Pairing:
    """The state of matching `left` against `right`.

    Table `matched`: `pass_no, g, l, r, lm, rm, score, explanation`, one row per pair, or several
    of one `g` for a group, in which `l` or `r` may be null; `lm` and `rm` are the measures.
    Table `differs`: `pass_no, l, r`: side by side, with a difference.
    Table `edges`: `pass_no, l, r, score, explanation`: could match, but is not the only one.
    """

    engine: Engine
    rules: RecRules
    left: Loaded
    right: Loaded
    counts: list[PassCount] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._round = 0
        self._open = {"l": self.left.table, "r": self.right.table}
        prefix = f"p{self.left.index}{self.right.index}"
        self.matched, self.differs, self.edges = (
            f"{prefix}_{name}" for name in ("matched", "differs", "edges")
        )
        self._prefix = prefix
        scale = self.rules.field(self.measure).places
        self.engine.run(
            f"CREATE TABLE {self.matched} (pass_no INTEGER, g BIGINT, l BIGINT, r BIGINT, "
            f"lm DECIMAL(38, {scale}), rm DECIMAL(38, {scale}), score INTEGER, explanation VARCHAR)"
        )
        self.engine.run(f"CREATE TABLE {self.differs} (pass_no INTEGER, l BIGINT, r BIGINT)")
        self.engine.run(
            f"CREATE TABLE {self.edges} "
            "(pass_no INTEGER, l BIGINT, r BIGINT, score INTEGER, explanation VARCHAR)"
        )
        self._refuse_half_partitions()

    # What the two sides have in common

    @property
    def measure(self) -> str:
        """The decimal that is added up."""
        return self.rules.measure or ""

    @property
    def common(self) -> set[str]:
        """Fields that both sides have."""
        return set(self.left.fields) & set(self.right.fields)

    @property
    def partition(self) -> list[str]:
        """Fields that must be equal in every pass."""
        return [name for name in self.rules.partition if name in self.common]

    @property
    def types(self) -> tuple[bool, bool]:
        """Which of the two sides have a type."""
        return (TYPE in self.left.fields, TYPE in self.right.fields)

    def compared(self, rule: Pass) -> list[Compare]:
        """What must agree in this pass."""
        wanted = rule.compare or tuple(each.field for each in self.rules.compare)
        return [
            each
            for each in self.rules.compare
            if each.field in wanted and each.field in self.common
        ]

    def keys(self, rule: Pass) -> list[tuple[str, ...]]:
        """The pass's alternatives that both sides have columns for."""
        return [key for key in rule.keys if set(key) <= self.common]

    # Open items

    @property
    def open_left(self) -> str:
        """The table of our items that are not used yet."""
        return self._open["l"]

    @property
    def open_right(self) -> str:
        """The table of their items that are not used yet."""
        return self._open["r"]

    def usable(self, alias: str, key: Sequence[str], *, flawed: bool = False) -> str:
        """Which open rows take part: all of the key is there, and nothing is unreadable."""
        present = [f"{of(alias, name)} IS NOT NULL" for name in key]
        return both([*present, *([] if flawed else [f"NOT {alias}._flawed"])])

    def same_key(self, key: Sequence[str]) -> str:
        """Whether `l` and `r` share partition and key."""
        equal = [f"{of('l', name)} = {of('r', name)}" for name in key]
        return both([*(same(name) for name in self.partition), *equal])

    def agree(self, compared: Iterable[Compare]) -> str:
        """Whether `l` and `r` agree in every compared field, within margins."""
        return both(within(self.engine, self.rules, each, self.types) for each in compared)

    def of_measure(self, alias: str, side: Loaded) -> str:
        """The measure of a row, 0 where it is missing or the side has none."""
        return f"coalesce({of(alias, self.measure)}, 0)" if self.measure in side.fields else "0"

    # Using items up

    def use(self, rule: Pass, pass_no: int) -> None:
        """Takes what this pass matched or set side by side off the open items, and checks it.

        Raises DataError `reconciliation.not-conserved` when an item was used twice or lost.
        """
        self._round += 1
        before = self._totals()
        for alias, used in (("l", "l"), ("r", "r")):
            table = f"{self._prefix}_open_{alias}_{self._round}"
            previous = self._open[alias]
            self.engine.run(
                f"CREATE TABLE {table} AS SELECT o.* FROM {previous} o ANTI JOIN "
                f"(SELECT {used} AS n FROM {self.matched} "
                f"WHERE pass_no = {pass_no} AND {used} IS NOT NULL "
                f"UNION ALL SELECT {used} FROM {self.differs} WHERE pass_no = {pass_no}) u "
                "ON u.n = o._n",
                f"pass {rule.name}",
            )
            if self._round > 1:
                self.engine.run(f"DROP TABLE {previous}")
            self._open[alias] = table
        self._conserve(rule.name, pass_no, before)
        self.counts.append(self._count(rule, pass_no))

    def final_check(self) -> None:
        """Matched + open = total on both sides, counted afresh from the sides' own tables."""
        still_open = self._totals()
        for alias, side in (("l", self.left), ("r", self.right)):
            matched, differs = self._matched(alias, "TRUE"), self._differing(alias, side, "TRUE")
            expected = (side.rows - side.excluded, side.amount - side.excluded_amount)
            found = _added(matched, differs, still_open[alias])
            if found != expected:
                raise _not_conserved(side.name, "the last pass", expected, found)

    def _totals(self) -> dict[str, tuple[int, Decimal]]:
        return {
            alias: _pair(
                self.engine.row(
                    f"SELECT count(*), coalesce(sum({self.of_measure('o', side)}), 0) "
                    f"FROM {self._open[alias]} o"
                )
            )
            for alias, side in (("l", self.left), ("r", self.right))
        }

    def _conserve(self, name: str, pass_no: int, before: dict[str, tuple[int, Decimal]]) -> None:
        after = self._totals()
        which = f"pass_no = {pass_no}"
        for alias, side in (("l", self.left), ("r", self.right)):
            matched, differs = self._matched(alias, which), self._differing(alias, side, which)
            found = _added(matched, differs, after[alias])
            if found != before[alias]:
                raise _not_conserved(side.name, f"pass `{name}`", before[alias], found)

    def _matched(self, alias: str, which: str) -> tuple[int, Decimal]:
        return _pair(
            self.engine.row(
                f"SELECT count({alias}), coalesce(sum({alias}m), 0) FROM {self.matched} "
                f"WHERE {which}"
            )
        )

    def _differing(self, alias: str, side: Loaded, which: str) -> tuple[int, Decimal]:
        measure = self.of_measure("s", side)
        return _pair(
            self.engine.row(
                f"SELECT count(*), coalesce(sum({measure}), 0) FROM {self.differs} d "
                f"JOIN {side.table} s ON s._n = d.{alias} WHERE {which}"
            )
        )

    def _count(self, rule: Pass, pass_no: int) -> PassCount:
        pairs, groups, ours, theirs, difference = self.engine.row(
            "SELECT count(*) FILTER (WHERE g IS NULL), count(DISTINCT g), count(l), count(r), "
            "coalesce(sum(coalesce(lm, 0)) - sum(coalesce(rm, 0)), 0) "
            f"FROM {self.matched} WHERE pass_no = {pass_no}"
        )
        return PassCount(
            name=rule.name,
            kind=rule.kind,
            sides=(self.left.name, self.right.name),
            matches=pairs + groups,
            ours=ours,
            theirs=theirs,
            difference=Decimal(difference),
        )

    def _refuse_half_partitions(self) -> None:
        for name in self.rules.partition:
            holders = [side for side in (self.left, self.right) if name in side.fields]
            if len(holders) == 1:
                other = self.right if holders[0] is self.left else self.left
                raise UsageError(
                    f"Items must agree in `{name}`, which side `{holders[0].name}` has and side "
                    f"`{other.name}` has not; map its column, give side `{other.name}` a constant "
                    f"for `{name}`, or leave it out of `{holders[0].name}`'s columns.",
                    code="reconciliation.partition-one-sided",
                )


def record_pairs(pairing: Pairing, pass_no: int, pairs: str) -> None:
    """Marks `pairs`, a query of `l, r`, as matched by this pass."""
    left = pairing.of_measure("a", pairing.left)
    right = pairing.of_measure("b", pairing.right)
    pairing.engine.run(
        f"INSERT INTO {pairing.matched} SELECT {pass_no}, NULL, p.l, p.r, {left}, {right}, "
        f"NULL, NULL FROM ({pairs}) p JOIN {pairing.open_left} a ON a._n = p.l "
        f"JOIN {pairing.open_right} b ON b._n = p.r"
    )


def record_groups(
    pairing: Pairing, pass_no: int, left: str, right: str, *, explanation: str = "NULL"
) -> None:
    """Marks groups as matched: `left` and `right` are queries of `g, n`, every item in one `g`."""
    numbered = [
        "SELECT q.g, q.n, row_number() OVER (PARTITION BY q.g "
        f"ORDER BY hash({columns_of(side.fields, 'o')}), q.n) AS rank "
        f"FROM ({members}) q JOIN {table} o ON o._n = q.n"
        for members, side, table in (
            (left, pairing.left, pairing.open_left),
            (right, pairing.right, pairing.open_right),
        )
    ]
    left_measure = pairing.of_measure("a", pairing.left)
    right_measure = pairing.of_measure("b", pairing.right)
    pairing.engine.run(
        f"INSERT INTO {pairing.matched} SELECT {pass_no}, coalesce(x.g, y.g), x.n, y.n, "
        f"CASE WHEN x.n IS NOT NULL THEN {left_measure} END, "
        f"CASE WHEN y.n IS NOT NULL THEN {right_measure} END, NULL, {explanation} "
        f"FROM ({numbered[0]}) x FULL JOIN ({numbered[1]}) y "
        "ON x.g = y.g AND x.rank = y.rank "
        f"LEFT JOIN {pairing.open_left} a ON a._n = x.n "
        f"LEFT JOIN {pairing.open_right} b ON b._n = y.n"
    )


def columns_of(names: Iterable[str], alias: str) -> str:
    """The named columns, comma separated; a constant for none."""
    return ", ".join(f"{alias}.{quoted(name)}" for name in names) or "0"


def _pair(row: tuple[object, ...]) -> tuple[int, Decimal]:
    return int(str(row[0])), Decimal(str(row[1]))


def _added(*parts: tuple[int, Decimal]) -> tuple[int, Decimal]:
    return sum(part[0] for part in parts), total(part[1] for part in parts)


def _not_conserved(
    side: str, after: str, expected: tuple[int, Decimal], found: tuple[int, Decimal]
) -> DataError:
    return DataError(
        f"After {after}, matched and open items of side `{side}` are {found[0]} worth {found[1]}, "
        f"expected {expected[0]} worth {expected[1]}: an item was lost or used twice. Nothing was "
        "released; this is a defect of the matching, please report it with the rules.",
        code="reconciliation.not-conserved",
    )
