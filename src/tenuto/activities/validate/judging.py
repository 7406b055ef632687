"""Rules in, verdict out: every row of the table is in `good` or in `quarantined`, in its order.

The rules are evaluated once, in one stream over the table, into a file of one Boolean column per
rule beside it. What fails is then picked out by that file, so memory stays bounded however large
the table is.
"""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import polars as pl
import polars.selectors as cs

from tenuto.activities.heartbeat import beat
from tenuto.activities.validate.findings import (
    EVERY_ROW,
    MOST_EXAMPLES,
    RowRule,
    Rule,
    TableRule,
    shortened,
    summary,
)
from tenuto.artifacts.current import current_store
from tenuto.artifacts.place import writing
from tenuto.catalog.library.validate.verdict import (
    Example,
    Outcome,
    RuleSummary,
    TableRequest,
    Validated,
)
from tenuto.core.errors import DataError, UsageError
from tenuto.core.references import Dataset

REASONS = "reasons"

_ROW = "tenuto row"
_FLAG = "tenuto flag "
_FINDINGS_IN_MESSAGE = 5


def judged(
    request: TableRequest,
    frame: pl.LazyFrame,
    rules: Sequence[Rule],
    *,
    dropped: Sequence[str] = (),
) -> Validated:
    """The verdict on `frame`, the table of the request; `dropped` columns are not in `good`.

    Raises DataError `validate.blocked` for a blocking failure where the request says `fail`, and
    `validate.cannot-evaluate` where Polars refuses the data.
    """
    refuse_unknown_columns(request.table, request.row_keys, "row_keys")
    _refuse_reasons(request.table)
    with evaluating(request.table), tempfile.TemporaryDirectory(prefix="tenuto-") as folder:
        judge = _Judge(request, frame, rules, Path(folder) / "flags.parquet")
        judge.evaluate()
        found = judge.summaries()
        if request.on_block == "fail" and judge.is_blocked:
            raise _blocked(request.table, found)
        return Validated(
            outcome=_outcome(found),
            good=judge.good(dropped),
            quarantined=judge.quarantined() if judge.is_blocked else None,
            summary=tuple(found),
        )


def refuse_unknown_columns(table: Dataset, names: Sequence[str], where: str) -> None:
    """Raises UsageError `validate.unknown-column` for a name that the table does not have."""
    have = [column.name for column in table.columns]
    missing = [name for name in names if name not in have]
    if missing:
        raise UsageError(
            f"`{where}` names column `{missing[0]}`, which {label(table)} does not have; valid are "
            f"{', '.join(f'`{name}`' for name in have)}.",
            code="validate.unknown-column",
            details={"column": missing[0]},
        )


def label(table: Dataset) -> str:
    """A table's name for a person."""
    return f"table `{table.name}`" if table.name else f"table {table.uri}"


@contextmanager
def evaluating(table: Dataset) -> Iterator[None]:
    """Translates what Polars and the disk for temporary files refuse."""
    try:
        with writing(f"(temporary files in {tempfile.gettempdir()})"):
            yield
    except pl.exceptions.PolarsError as wrong:
        raise DataError(
            f"T{label(table)[1:]} cannot be checked: {str(wrong).partition(chr(10))[0]}. "
            "Check that the columns have the types that the checks expect.",
            code="validate.cannot-evaluate",
        ) from wrong


class _Judge:
    def __init__(
        self, request: TableRequest, frame: pl.LazyFrame, rules: Sequence[Rule], flags: Path
    ) -> None:
        self._request = request
        self._frame = frame
        self._rules = rules
        self._path = flags
        self._row_rules = [rule for rule in rules if isinstance(rule, RowRule)]
        self._counts: dict[str, tuple[int, int]] = {}

    def evaluate(self) -> None:
        """Writes the flags: null where a rule does not apply, else whether the row fails."""
        beat(f"checking {len(self._row_rules)} rules on {self._request.table.rows} rows")
        if not self._row_rules:
            return
        marked = self._frame
        for rule in self._row_rules:
            if rule.lookup:
                marks = rule.lookup.keys.with_columns(pl.lit(value=True).alias(rule.lookup.mark))
                marked = marked.join(
                    marks, on=rule.lookup.columns, how="left", maintain_order="left"
                )
        flags = [_flag(rule).alias(_name(at)) for at, rule in enumerate(self._row_rules)]
        with self._path.open("wb") as file:
            # Added before they are selected: a flag without a column is one value for all rows.
            kept = marked.with_columns(flags).select(cs.starts_with(_FLAG))
            kept.sink_parquet(file, compression="lz4", maintain_order=True)
        beat("counting")
        self._count()

    def _count(self) -> None:
        names = [_name(at) for at in range(len(self._row_rules))]
        counted = self._flags().select(
            *(pl.col(name).count().alias(f"checked {name}") for name in names),
            *(pl.col(name).sum().alias(f"failed {name}") for name in names),
        )
        row = counted.collect(engine="streaming").row(0, named=True)
        for rule, name in zip(self._row_rules, names, strict=True):
            self._counts[rule.rule] = (row[f"checked {name}"], row[f"failed {name}"])

    @property
    def is_blocked(self) -> bool:
        """Whether a blocking rule failed."""
        return any(rule.severity == "block" and self._failed(rule) for rule in self._rules)

    def summaries(self) -> list[RuleSummary]:
        """One entry for each rule, in the order given."""
        examples = self._examples()
        return [
            rule.summary()
            if isinstance(rule, TableRule)
            else summary(rule, *self._counts[rule.rule], examples.get(rule.rule, []))
            for rule in self._rules
        ]

    def good(self, dropped: Sequence[str]) -> Dataset:
        """The rows no blocking rule speaks against; the input itself where that is all of it."""
        columns = [c.name for c in self._request.table.columns if c.name not in dropped]
        if not self.is_blocked and len(columns) == len(self._request.table.columns):
            return self._request.table
        beat("storing the good rows")
        rows = self._beside_flags().filter(~self._is_set_aside()).select(columns)
        return current_store().put_table(rows, name=f"{self._base_name()}good")

    def quarantined(self) -> Dataset:
        """The other rows, with their reasons."""
        beat("storing the quarantined rows")
        columns = [column.name for column in self._request.table.columns]
        rows = self._beside_flags().filter(self._is_set_aside())
        reasons = pl.concat_list(self._reasons()).list.drop_nulls().alias(REASONS)
        return current_store().put_table(
            rows.select(*columns, reasons), name=f"{self._base_name()}quarantined"
        )

    def _base_name(self) -> str:
        return f"{self._request.table.name} " if self._request.table.name else ""

    def _failed(self, rule: Rule) -> int:
        return rule.failed if isinstance(rule, TableRule) else self._counts[rule.rule][1]

    def _is_set_aside(self) -> pl.Expr:
        if any(
            isinstance(rule, TableRule) and rule.severity == "block" and rule.failed
            for rule in self._rules
        ):
            return EVERY_ROW
        blocking = [
            pl.col(_name(at))
            for at, rule in enumerate(self._row_rules)
            if rule.severity == "block" and self._failed(rule)
        ]
        return pl.any_horizontal(blocking).fill_null(value=False) if blocking else ~EVERY_ROW

    def _reasons(self) -> Iterator[pl.Expr]:
        places = {rule.rule: at for at, rule in enumerate(self._row_rules)}
        for rule in self._rules:
            is_of_others = isinstance(rule, TableRule) and rule.severity == "warn"
            if is_of_others or not self._failed(rule):
                continue
            begin = f"{rule.rule} ({rule.severity}): "
            if isinstance(rule, TableRule):
                yield pl.lit(begin + "; ".join(each.found for each in rule.examples[:3]))
            else:
                flag = pl.col(_name(places[rule.rule]))
                yield pl.when(flag).then(pl.concat_str(pl.lit(begin), _found(rule)))

    def _examples(self) -> dict[str, list[Example]]:
        """The first failures of each rule: found by their flags, then read all in one pass."""
        failing = {
            at: rule for at, rule in enumerate(self._row_rules) if self._counts[rule.rule][1]
        }
        if not failing:
            return {}
        beat("collecting examples")
        numbered = self._flags().with_row_index(_ROW)
        firsts = pl.collect_all(
            [numbered.filter(pl.col(_name(at))).select(_ROW).head(MOST_EXAMPLES) for at in failing],
            engine="streaming",
        )
        wanted = pl.concat(firsts).unique().sort(_ROW)
        rows = (
            self._frame.with_row_index(_ROW)
            .join(wanted.lazy(), on=_ROW, how="semi")
            .collect(engine="streaming")
            .sort(_ROW)
        )
        return {
            rule.rule: self._described(rule, rows.join(first, on=_ROW, how="semi").sort(_ROW))
            for rule, first in zip(failing.values(), firsts, strict=True)
        }

    def _described(self, rule: RowRule, rows: pl.DataFrame) -> list[Example]:
        keys = [
            pl.col(name).cast(pl.String, strict=False).alias(f"key {at}")
            for at, name in enumerate(self._request.row_keys)
        ]
        described = rows.select(pl.col(_ROW), _found(rule).alias("found"), *keys)
        return [self._example(rule, row) for row in described.iter_rows(named=True)]

    def _example(self, rule: RowRule, row: dict[str, Any]) -> Example:
        return Example(
            row=row[_ROW] + 1,
            key={name: row[f"key {at}"] for at, name in enumerate(self._request.row_keys)},
            found=shortened(row["found"]),
            remedy=rule.remedy,
        )

    def _flags(self) -> pl.LazyFrame:
        return pl.scan_parquet(self._path, glob=False)

    def _beside_flags(self) -> pl.LazyFrame:
        if not self._row_rules:
            return self._frame
        return pl.concat([self._frame, self._flags()], how="horizontal")


def _flag(rule: RowRule) -> pl.Expr:
    fails = rule.fails.fill_null(value=True)
    if rule.applies is EVERY_ROW:
        return fails
    return pl.when(rule.applies.fill_null(value=True)).then(fails)


def _found(rule: RowRule) -> pl.Expr:
    return rule.found.fill_null("it could not be checked: a value is missing")


def _name(at: int) -> str:
    return f"{_FLAG}{at}"


def _outcome(found: Sequence[RuleSummary]) -> Outcome:
    failed = {each.severity for each in found if each.failed}
    if "block" in failed:
        return "block"
    return "warn" if failed else "pass"


def _refuse_reasons(table: Dataset) -> None:
    if any(column.name == REASONS for column in table.columns):
        raise UsageError(
            f"T{label(table)[1:]} has a column `{REASONS}`, which the quarantined rows "
            "would need for their own; rename or leave out that column first.",
            code="validate.reasons-column-taken",
        )


def _blocked(table: Dataset, found: Sequence[RuleSummary]) -> DataError:
    blocking = [each for each in found if each.severity == "block" and each.failed]
    examples = [(each, example) for each in blocking for example in each.examples]
    lines = [_line(each, example) for each, example in examples[:_FINDINGS_IN_MESSAGE]]
    return DataError(
        f"T{label(table)[1:]} failed {len(blocking)} blocking rule(s): "
        f"{'; '.join(lines)}. Correct the table, or run with `on_block: quarantine` to set such "
        "rows aside.",
        code="validate.blocked",
        details={"rules": [each.model_dump(mode="json") for each in blocking]},
    )


def _line(found: RuleSummary, example: Example) -> str:
    key = "".join(f" {name}={value}" for name, value in example.key.items())
    where = f"row {example.row}{key}: " if example.row else ""
    return f"[{found.rule}] {where}{example.found} ({example.remedy})"
