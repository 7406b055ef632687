"""One side's records as a normalised table; what cannot be normalised is an exception."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

from tenuto.core.currency import currency_problem
from tenuto.core.errors import UsageError
from tenuto.packs.finance.reconciliation.activities.matching.days import FARTHEST, TABLE
from tenuto.packs.finance.reconciliation.activities.matching.engine import Engine
from tenuto.packs.finance.reconciliation.activities.matching.margins import day_of
from tenuto.packs.finance.reconciliation.activities.matching.names import (
    both,
    listed,
    of,
    quoted,
)
from tenuto.packs.finance.reconciliation.handoffs import CollectedSide
from tenuto.packs.finance.reconciliation.rules import RecRules
from tenuto.packs.finance.reconciliation.side_rules import RecField, SideRules, SignRule

# ruff: noqa: S608 (names are quoted, values are bound)

EXCEPTIONS = "exceptions"
_DECIMAL = re.compile(r"Decimal\((\d+), (\d+)\)", re.IGNORECASE)
_DIGITS = 28
"""Significant digits of an amount, as in every input file."""


@dataclass(frozen=True, kw_only=True)
class Loaded:
    """One side in the database."""

    index: int
    name: str
    fields: tuple[str, ...]
    """The fields it has, in the rules' order."""
    rows: int
    amount: Decimal
    excluded: int
    excluded_amount: Decimal
    carried: int
    """Items of earlier runs, of `rows`."""
    flawed: int
    """Rows with a value that could not be normalised, of those not excluded."""

    @property
    def table(self) -> str:
        """`_n, _flawed`, the fields, and `_day_<field>` for each date."""
        return f"side_{self.index}"


class SideReader:
    """Turns the raw rows of one side into its table."""

    def __init__(
        self,
        engine: Engine,
        rules: RecRules,
        side: CollectedSide,
        index: int,
        path: Path,
        carried: Path | None,
    ) -> None:
        self._engine = engine
        self._rules = rules
        self._given = side
        self._side: SideRules = rules.side(side.name)
        self._index = index
        self._path = engine.bind(str(path))
        self._carried = engine.bind(str(carried)) if carried else None
        self._has_wrong_currencies = False
        has = {*side.columns, *self._side.constants}
        self._fields = [each for each in rules.fields if each.name in has]

    def dates(self, around: date) -> list[date]:
        """Every date the side uses that is near enough to be right."""
        found: set[date] = set()
        for field in self._fields:
            if field.kind == "date":
                rows = self._engine.rows(
                    f"SELECT DISTINCT {quoted(field.name)} FROM {self._raw()}", "dates"
                )
                found |= {day for (day,) in rows if day is not None}
                if self._carried:
                    rows = self._engine.rows(
                        f"SELECT DISTINCT {quoted(field.name)} FROM read_parquet({self._carried})"
                    )
                    found |= {day for (day,) in rows if day is not None}
        return [day for day in found if abs(day - around) <= FARTHEST]

    def load(self, around: date) -> Loaded:
        """Creates the table and lists the exceptions. Call after the calendar is made."""
        self._make_maps()
        self._make_known_currencies()
        self._list_exceptions(around)
        values = [self._value(field, around) for field in self._fields]
        days = [
            f"{of('c_' + each.name, 'ordinal')} AS {quoted(day_of(each.name))}"
            for each in self._fields
            if each.kind == "date"
        ]
        everything = f"all_{self._index}"
        flawed, join = self._flawed()
        self._engine.run(
            f"CREATE TABLE {everything} AS SELECT m._n, {flawed} AS _flawed, "
            f"{listed([*values, *days])} FROM {self._mapped()} m {self._joins()} {join}",
            f"normalising {self._side.name}",
        )
        return self._without_excluded(everything)

    # From the file's values to values that both sides write alike

    def _raw(self) -> str:
        number = quoted(self._given.row_column) if self._given.row_column else "file_row_number + 1"
        columns = [f"{self._read(each)} AS {quoted(each.name)}" for each in self._fields]
        return (
            f"(SELECT {number} AS _n, {listed([*columns, *self._unreadable_as_columns()])} "
            f"FROM read_parquet({self._path}, file_row_number = true))"
        )

    def _read(self, field: RecField) -> str:
        column = self._given.columns.get(field.name)
        if column is None:
            given = self._engine.bind(self._side.constants[field.name])
            return f"CAST({given} AS {_sql_type(field)})"
        raw = quoted(column)
        match field.kind:
            case "decimal":
                return f"TRY_CAST({raw} AS {_sql_type(field)})"
            case "date":
                return f"TRY_CAST({raw} AS DATE)"
            case "text":
                return f"nullif(trim(CAST({raw} AS VARCHAR)), '')"
            case _:
                return f"nullif(upper(replace(CAST({raw} AS VARCHAR), ' ', '')), '')"

    def _unreadable_as_columns(self) -> Iterator[str]:
        """`_bad_<field>`: the text of a number that is too large or has too many decimals."""
        for field in self._fields:
            if self._may_not_fit(field):
                raw = quoted(self._given.columns[field.name])
                cast = f"TRY_CAST({raw} AS {_sql_type(field)})"
                limit = self._engine.bind(Decimal(10) ** (_DIGITS - field.places))
                wrong = f"{cast} IS NULL OR {cast} <> {raw} OR abs({cast}) >= {limit}"
                yield (
                    f"CASE WHEN {raw} IS NOT NULL AND ({wrong}) THEN CAST({raw} AS VARCHAR) END "
                    f"AS {quoted('_bad_' + field.name)}"
                )

    def _may_not_fit(self, field: RecField) -> bool:
        """Whether the column could hold more digits than an amount may have."""
        column = self._given.columns.get(field.name)
        if column is None or field.kind != "decimal":
            return False
        stored = next(each.dtype for each in self._given.records.columns if each.name == column)
        found = _DECIMAL.fullmatch(stored)
        if found is None:
            return True
        digits, places = int(found[1]), int(found[2])
        return places > field.places or digits - places > _DIGITS - field.places

    def _mapped(self) -> str:
        columns = [f"r._n, {listed(self._mapped_columns())}"]
        joins = [
            f"LEFT JOIN {self._map(name)} {quoted('m_' + name)} "
            f"ON {of('m_' + name, 'theirs')} = {of('r', name)}"
            for name in self._mapped_names()
        ]
        return f"(SELECT {listed(columns)} FROM {self._raw()} r {' '.join(joins)})"

    def _mapped_columns(self) -> Iterator[str]:
        mapped = set(self._mapped_names())
        for field in self._fields:
            raw = of("r", field.name)
            if field.name in mapped:
                raw = f"coalesce({of('m_' + field.name, 'ours')}, {raw})"
            if self._may_not_fit(field):
                raw = f"CASE WHEN {of('r', '_bad_' + field.name)} IS NULL THEN {raw} END"
            yield f"{raw} AS {quoted(field.name)}"

    def _mapped_names(self) -> list[str]:
        have = {each.name for each in self._fields if each.kind not in ("decimal", "date")}
        return [name for name in self._side.string_maps if name in have]

    def _map(self, name: str) -> str:
        return quoted(f"map_{self._index}_{name}")

    def _make_maps(self) -> None:
        for name in self._mapped_names():
            is_upper = self._rules.field(name).kind != "text"
            pairs = [
                (theirs.upper().replace(" ", "") if is_upper else theirs.strip(), ours)
                for theirs, ours in self._side.string_maps[name].items()
            ]
            self._engine.fill(self._map(name), "theirs VARCHAR, ours VARCHAR", pairs)

    def _make_known_currencies(self) -> None:
        found: set[str] = set()
        for field in self._fields:
            if field.kind == "currency":
                rows = self._engine.rows(
                    f"SELECT DISTINCT {quoted(field.name)} FROM {self._mapped()}", "currencies"
                )
                found |= {code for (code,) in rows if code is not None}
        wrong = [(code,) for code in sorted(found) if currency_problem(code)]
        self._engine.fill(self._wrong_currencies(), "code VARCHAR", wrong)
        self._has_wrong_currencies = bool(wrong)

    def _wrong_currencies(self) -> str:
        return f"wrong_currencies_{self._index}"

    def _value(self, field: RecField, around: date) -> str:
        raw = of("m", field.name)
        match field.kind:
            case "decimal":
                value = self._signed(field, raw)
            case "date":
                roll = self._side.roll_dates
                value = of("c_" + field.name, "day" if roll == "none" else roll)
            case "currency" if self._has_wrong_currencies:
                wrong = f"SELECT code FROM {self._wrong_currencies()}"
                value = f"CASE WHEN {raw} NOT IN ({wrong}) THEN {raw} END"
            case _:
                value = raw
        return f"{value} AS {quoted(field.name)}"

    def _signed(self, field: RecField, raw: str) -> str:
        rule = next((each for each in self._side.signs if each.field == field.name), None)
        if rule is None:
            return raw
        match rule.rule:
            case "flip":
                return f"-{raw}"
            case "absolute":
                return f"abs({raw})"
            case "by":
                return self._signed_by(rule, raw)

    def _signed_by(self, rule: SignRule, raw: str) -> str:
        if all(each.name != rule.by for each in self._fields):
            raise UsageError(
                f"Side `{self._side.name}` takes the sign of `{rule.field}` from `{rule.by}`, "
                f"which {self._given.file} does not have; map that column, or change the rule.",
                code="reconciliation.sign-without-column",
            )
        values = listed(self._engine.bind(each) for each in rule.negative)
        negative = f"{of('m', rule.by or '')} IN ({values})"
        return f"CASE WHEN {negative} THEN -abs({raw}) ELSE abs({raw}) END"

    def _joins(self) -> str:
        joins = []
        for field in self._fields:
            if field.kind == "date":
                alias = quoted("c_" + field.name)
                joins.append(f"LEFT JOIN {TABLE} {alias} ON {alias}.day = {of('m', field.name)}")
        return " ".join(joins)

    # What cannot be

    def _flawed(self) -> tuple[str, str]:
        """Whether a row has an exception, as an expression and the join it needs."""
        side = self._engine.bind(self._side.name)
        rows = f"(SELECT DISTINCT row FROM {EXCEPTIONS} WHERE side = {side})"
        if not self._engine.count(rows):
            return "FALSE", ""
        return "f.row IS NOT NULL", f"LEFT JOIN {rows} f ON f.row = m._n"

    def _list_exceptions(self, around: date) -> None:
        for field in self._fields:
            if self._may_not_fit(field):
                bad = quoted("_bad_" + field.name)
                self._insert(
                    f"SELECT _n, {bad} AS found FROM {self._raw()} WHERE {bad} IS NOT NULL",
                    field,
                    "reconciliation.number-out-of-range",
                    f"write at most {field.places} decimals and {_DIGITS - field.places} digits"
                    " before the point",
                )
            elif field.kind == "currency" and self._has_wrong_currencies:
                name = quoted(field.name)
                wrong = f"SELECT code FROM {self._wrong_currencies()}"
                self._insert(
                    f"SELECT _n, {name} AS found FROM {self._mapped()} WHERE {name} IN ({wrong})",
                    field,
                    "table.unknown-currency",
                    "write an ISO 4217 code, or add it to the side's `string_maps`",
                )
            elif field.kind == "date":
                name, day = quoted(field.name), self._engine.bind(around)
                far = f"abs({name} - {day}) > {FARTHEST.days}"
                self._insert(
                    f"SELECT _n, CAST({name} AS VARCHAR) AS found FROM {self._raw()} WHERE {far}",
                    field,
                    "reconciliation.date-out-of-range",
                    "write a date within ten years of the business date",
                )

    def _insert(self, found: str, field: RecField, code: str, remedy: str) -> None:
        bind = self._engine.bind
        self._engine.run(
            f"INSERT INTO {EXCEPTIONS} SELECT {bind(self._side.name)}, {bind(self._given.file)}, "
            f"_n, {bind(field.name)}, {bind(code)}, '`' || left(found, 60) || '`', {bind(remedy)} "
            f"FROM ({found})",
            f"checking {field.name}",
        )

    # What is set aside

    def _without_excluded(self, everything: str) -> Loaded:
        table = f"side_{self._index}"
        have = {each.name for each in self._fields}
        rules = [each for each in self._side.exclude if each.field in have]
        aside = " OR ".join(
            f"coalesce(CAST({quoted(each.field)} AS VARCHAR) IN "
            f"({listed(self._engine.bind(value) for value in each.values)}), FALSE)"
            for each in rules
        )
        if rules:
            excluded, excluded_amount, _ = self._totals(everything, aside)
            self._engine.run(f"CREATE TABLE {table} AS FROM {everything} WHERE NOT ({aside})")
            self._engine.run(f"DROP TABLE {everything}")
        else:
            excluded, excluded_amount = 0, Decimal(0)
            self._engine.run(f"ALTER TABLE {everything} RENAME TO {table}")
        carried = self._add_carried(table) if self._carried else 0
        rows, amount, flawed = self._totals(table, "TRUE")
        return Loaded(
            index=self._index,
            name=self._side.name,
            fields=tuple(each.name for each in self._fields),
            rows=rows + excluded,
            amount=amount + excluded_amount,
            excluded=excluded,
            excluded_amount=excluded_amount,
            carried=carried,
            flawed=flawed,
        )

    def _add_carried(self, table: str) -> int:
        """Adds items of earlier runs that the file does not hold itself; returns how many."""
        rules = self._rules
        names = [each.name for each in self._fields]
        partition = [name for name in rules.partition if name in names]
        known = " OR ".join(
            both(
                [
                    *(
                        f"{of('s', name)} IS NOT DISTINCT FROM {of('k', name)}"
                        for name in partition
                    ),
                    *(f"{of('s', name)} = {of('k', name)}" for name in key),
                ]
            )
            for key in rules.identity
            if set(key) <= set(names)
        )
        before = self._engine.count(table)
        days = [
            f"{of('c_' + each.name, 'ordinal')} AS {quoted(day_of(each.name))}"
            for each in self._fields
            if each.kind == "date"
        ]
        values = [f"{of('m', name)} AS {quoted(name)}" for name in names]
        rows = f"read_parquet({self._carried}, file_row_number = true)"
        self._engine.run(
            f"INSERT INTO {table} BY NAME SELECT -1 - m.file_row_number AS _n, FALSE AS _flawed, "
            f"{listed([*values, *days])} FROM (SELECT * FROM {rows} k WHERE NOT EXISTS "
            f"(SELECT 1 FROM {table} s WHERE {known or 'FALSE'})) m {self._joins()}",
            f"carrying open items of {self._side.name} forward",
        )
        return self._engine.count(table) - before

    def _totals(self, table: str, which: str) -> tuple[int, Decimal, int]:
        measure = self._rules.measure or ""
        has = any(each.name == measure for each in self._fields)
        amount = f"coalesce(sum({quoted(measure)}), 0)" if has else "0"
        rows, total, flawed = self._engine.row(
            f"SELECT count(*), {amount}, count(*) FILTER (WHERE _flawed) FROM {table} WHERE {which}"
        )
        return int(rows), Decimal(total), int(flawed)


def make_exceptions(engine: Engine, sides: Iterable[tuple[CollectedSide, Path | None]]) -> None:
    """The table of exceptions, with what was found when the files were read."""
    engine.run(
        f"CREATE TABLE {EXCEPTIONS} (side VARCHAR, file VARCHAR, row BIGINT, field VARCHAR, "
        "code VARCHAR, found VARCHAR, remedy VARCHAR)"
    )
    for side, path in sides:
        if path is not None:
            engine.run(
                f"INSERT INTO {EXCEPTIONS} SELECT {engine.bind(side.name)}, "
                "file, row, field, code, found, remedy "
                f"FROM read_parquet({engine.bind(str(path))})"
            )


def _sql_type(field: RecField) -> str:
    match field.kind:
        case "decimal":
            return f"DECIMAL(38, {field.places})"
        case "date":
            return "DATE"
        case _:
            return "VARCHAR"
