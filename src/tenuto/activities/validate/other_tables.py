"""Checks of a table against the keys of another."""

from collections.abc import Sequence

import polars as pl

from tenuto.activities.validate.findings import (
    MOST_EXAMPLES,
    Lookup,
    RowRule,
    TableRule,
    table_example,
)
from tenuto.activities.validate.judging import label, refuse_unknown_columns
from tenuto.activities.validate.keys import key_text
from tenuto.artifacts.current import current_store
from tenuto.catalog.library.validate.quality import ExpectedKeys, Reference
from tenuto.core.errors import UsageError
from tenuto.core.references import Dataset


def reference(check: Reference, name: str, table: Dataset) -> RowRule:
    """Rows whose values the other table does not have fail; incomplete ones are not checked."""
    theirs = check.table_columns or check.columns
    mark = f"tenuto referred {name}"
    return RowRule(
        rule=name,
        severity=check.severity,
        description=f"{', '.join(check.columns)} is in {label(check.table)}.",
        applies=pl.all_horizontal([pl.col(each).is_not_null() for each in check.columns]),
        fails=pl.col(mark).is_null(),
        found=pl.concat_str(key_text(check.columns), pl.lit(f" is not in {label(check.table)}")),
        remedy=f"correct it, or add it to {label(check.table)}",
        lookup=Lookup(
            mark=mark,
            columns=check.columns,
            keys=_keys(check.table, theirs, table, check.columns, name),
        ),
    )


def expected_keys(check: ExpectedKeys, name: str, table: Dataset, frame: pl.LazyFrame) -> TableRule:
    """Keys of the other table that this one does not have, the first ten by name."""
    theirs = check.expected_columns or check.columns
    expected = _keys(check.expected, theirs, table, check.columns, name)
    missing = expected.join(frame, on=check.columns, how="anti")
    counts, firsts = pl.collect_all(
        [
            pl.concat([expected.select(pl.len()), missing.select(pl.len())]),
            missing.select(key_text(check.columns).alias("key")).sort("key").head(MOST_EXAMPLES),
        ],
        engine="streaming",
    )
    return TableRule(
        rule=name,
        severity=check.severity,
        description=f"Every {', '.join(check.columns)} of {label(check.expected)} is there.",
        checked=counts.item(0, 0),
        failed=counts.item(1, 0),
        examples=tuple(
            table_example(f"{key} is missing", "supply it, or take it off the expected list")
            for key in firsts["key"]
        ),
    )


def _keys(
    other: Dataset, theirs: Sequence[str], table: Dataset, ours: Sequence[str], name: str
) -> pl.LazyFrame:
    """The distinct complete keys of the other table, under our names."""
    if len(theirs) != len(ours):
        raise UsageError(
            f"`{name}` compares {len(ours)} column(s) with {len(theirs)}; name as many in both "
            "tables.",
            code="validate.keys-differ",
        )
    refuse_unknown_columns(other, theirs, name)
    keys = (
        current_store()
        .scan_table(other)
        .select(
            _as_ours(other, their, table, our, name)
            for their, our in zip(theirs, ours, strict=True)
        )
    )
    return keys.drop_nulls().unique()


def _as_ours(other: Dataset, their: str, table: Dataset, our: str, name: str) -> pl.Expr:
    """Their column under our name and type. Only whole numbers change their type: anything else
    could make two keys equal that are not, or lose one."""
    found, wanted = _dtype(other, their), _dtype(table, our)
    key = pl.col(their).alias(our)
    if found == wanted:
        return key
    if found in _INTEGERS and wanted in _INTEGERS:
        return key.cast(_INTEGERS[wanted])
    raise UsageError(
        f"`{name}` compares `{our}`, which is {wanted}, with `{their}` of {label(other)}, which is "
        f"{found}; read both columns with the same type.",
        code="validate.keys-differ",
    )


def _dtype(table: Dataset, column: str) -> str:
    return next(each.dtype for each in table.columns if each.name == column)


_INTEGERS = {
    str(each): each
    for each in (pl.Int8, pl.Int16, pl.Int32, pl.Int64, pl.UInt8, pl.UInt16, pl.UInt32, pl.UInt64)
}
