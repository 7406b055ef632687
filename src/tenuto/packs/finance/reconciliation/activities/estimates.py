"""A side that is late: the prior day's records plus the movements known since."""

import polars as pl

from tenuto.artifacts.store import ArtifactStore
from tenuto.core.references import Reference
from tenuto.packs.finance.reconciliation.activities.sources import (
    ReadRecords,
    read_records,
    store_problems,
)
from tenuto.packs.finance.reconciliation.handoffs import CollectedSide
from tenuto.packs.finance.reconciliation.rules import RecRules
from tenuto.packs.finance.reconciliation.side_rules import SideRules

_OF_THE_DAY = ("cash", "transaction")
"""Kinds whose records are the day's own: the prior day's do not come again."""


def estimate_side(
    rules: RecRules,
    side: SideRules,
    prior: Reference | None,
    movements: Reference | None,
    store: ArtifactStore,
) -> CollectedSide | None:
    """The estimated side, or None when there is nothing to estimate it from.

    Holdings are the prior day's with each movement's decimals added to the record of the same
    identity; of cash entries and transactions only the movements count.
    """
    if rules.kind in _OF_THE_DAY:
        prior = None
    read = [read_records(rules, side, each, store) for each in (prior, movements) if each]
    if not read:
        return None
    tables = [_by_field(each, store) for each in read]
    table = tables[0] if len(tables) == 1 else _added(rules, *tables)
    fields = [name for name in table.columns if name != "row"]
    return CollectedSide(
        name=side.name,
        records=store.put_table(table, name=f"{side.name} (estimated)"),
        columns={name: name for name in fields},
        row_column="row",
        file=f"{side.name} (estimated)",
        source=prior,
        problems=store_problems([each for one in read for each in one.problems], store),
        is_estimated=True,
    )


def _by_field(read: ReadRecords, store: ArtifactStore) -> pl.DataFrame:
    table = store.get_table(read.records)
    if read.row_column is None:
        table = table.with_row_index("row", offset=1)
    number = pl.col(read.row_column or "row").cast(pl.Int64).alias("row")
    columns = (pl.col(column).alias(name) for name, column in read.columns.items())
    return table.select(number, *columns)


def _added(rules: RecRules, before: pl.DataFrame, movements: pl.DataFrame) -> pl.DataFrame:
    """`before` with the movements' decimals added; a movement of something new is appended."""
    names = dict.fromkeys([*rules.partition, *(name for key in rules.identity for name in key)])
    key = [name for name in names if name in before.columns and name in movements.columns]
    decimals = [
        each.name
        for each in rules.fields
        if each.kind == "decimal" and each.name in before.columns and each.name in movements.columns
    ]
    before, movements = (
        table.with_columns(
            pl.col(rules_decimal).cast(pl.Decimal(38, rules.field(rules_decimal).places))
            for rules_decimal in decimals
        )
        for table in (before, movements)
    )
    sums = movements.group_by(key).agg(pl.col(decimals).sum())
    joined = before.join(sums, on=key, how="left", nulls_equal=True, suffix="_moved")
    held = joined.with_columns(
        pl.col(name) + pl.col(f"{name}_moved").fill_null(0) for name in decimals
    ).select(before.columns)
    new = sums.join(before, on=key, how="anti", nulls_equal=True)
    last = before["row"].max() if before.height else 0
    new = new.sort(key).with_row_index("row", offset=int(str(last)) + 1)
    return pl.concat([held, new.with_columns(pl.col("row").cast(pl.Int64))], how="diagonal")
