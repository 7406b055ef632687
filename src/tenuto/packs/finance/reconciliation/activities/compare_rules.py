"""Other rules over the same files: what would match differently, before anybody uses them."""

from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl

from tenuto.artifacts.current import current_store
from tenuto.artifacts.store import ArtifactStore
from tenuto.catalog import implements
from tenuto.core.errors import DataError
from tenuto.packs.finance.reconciliation import catalog
from tenuto.packs.finance.reconciliation.activities.collect import collect
from tenuto.packs.finance.reconciliation.activities.match import load_sides, rows_of
from tenuto.packs.finance.reconciliation.activities.matching.engine import Engine, opened
from tenuto.packs.finance.reconciliation.activities.matching.names import listed, of
from tenuto.packs.finance.reconciliation.activities.matching.pairing import Pairing
from tenuto.packs.finance.reconciliation.activities.matching.rounds import counted, run_passes
from tenuto.packs.finance.reconciliation.activities.matching.sides import Loaded
from tenuto.packs.finance.reconciliation.handoffs import (
    CollectRequest,
    CompareRulesRequest,
    RulesDifference,
    RulesMove,
)
from tenuto.packs.finance.reconciliation.models import PassCount, ReconciliationRequest
from tenuto.packs.finance.reconciliation.rules import RecRules

# ruff: noqa: S608 (names are quoted, values are bound)

_MOVES = 50


@implements(catalog.compare_rules)
def compare_rules(request: CompareRulesRequest) -> RulesDifference:
    """Every item whose fate differs. Nothing is released, and no desk is told.

    Raises what a run with either rules would, and DataError `reconciliation.three-sides-compared`
    for three sides.
    """
    store = current_store()
    proposed = request.request.model_copy(update={"rules": request.proposed})
    with TemporaryDirectory(prefix="tenuto-") as folder:
        old, old_passes = _fates(request.request, store, Path(folder) / "old.parquet")
        new, new_passes = _fates(proposed, store, Path(folder) / "new.parquet")
        both = old.join(new, on=["side", "row"], how="full", coalesce=True, suffix="_new")
        items = both.select(
            "side",
            "row",
            pl.coalesce("key", "key_new").alias("key"),
            pl.col("fate").fill_null("excluded").alias("old"),
            pl.col("fate_new").fill_null("excluded").alias("new"),
        )
        changed = items.filter(pl.col("old") != pl.col("new")).sort("side", "key", "row")
    moves = changed.group_by("side", "old", "new").len("count")
    return RulesDifference(
        unchanged=items.height - changed.height,
        changed=changed.height,
        old_passes=old_passes,
        new_passes=new_passes,
        moves=tuple(
            RulesMove.model_validate(row)
            for row in moves.sort(
                "count", "side", "old", "new", descending=[True, False, False, False]
            )
            .head(_MOVES)
            .iter_rows(named=True)
        ),
        items=store.put_table(changed, name="changed-items"),
    )


def _fates(
    request: ReconciliationRequest, store: ArtifactStore, path: Path
) -> tuple[pl.DataFrame, tuple[PassCount, ...]]:
    """`side, row, key, fate` of every item."""
    rules = request.rules
    if len(rules.sides) > 2:
        raise DataError(
            "Rules of three sides cannot be compared; compare those of two of the sides.",
            code="reconciliation.three-sides-compared",
        )
    numbered = request.model_copy(update={"version": request.version or 1})
    collected = collect(CollectRequest(request=numbered))
    if collected.late:
        raise DataError(
            f"Side `{collected.late[0]}` was not given; give the file of every side.",
            code="reconciliation.side-late",
            details={"sides": list(collected.late)},
        )
    with opened(request.resources, rows_of(collected)) as engine:
        left, right = load_sides(engine, rules, collected, request.date, store)
        pairing = Pairing(engine=engine, rules=rules, left=left, right=right)
        names = run_passes(pairing, ())
        engine.fill("pass_names", "pass_no INTEGER, name VARCHAR", sorted(names.items()))
        parts = [_of_side(engine, pairing, rules, s, a) for s, a in ((left, "l"), (right, "r"))]
        engine.copy(" UNION ALL ".join(parts), path)
        return pl.read_parquet(path), tuple(counted(pairing))


def _of_side(engine: Engine, pairing: Pairing, rules: RecRules, side: Loaded, alias: str) -> str:
    names = dict.fromkeys([*rules.partition, *(name for key in rules.identity for name in key)])
    words = [
        f"'{name}=' || CAST({of('s', name)} AS VARCHAR)" for name in names if name in side.fields
    ]
    key = f"concat_ws(' ', {listed(words)})" if words else "''"
    return (
        f"SELECT {engine.bind(side.name)} AS side, s._n AS row, {key} AS key, "
        "coalesce(p.name, CASE WHEN d.n IS NOT NULL THEN 'differs' ELSE 'open' END) AS fate "
        f"FROM {side.table} s LEFT JOIN {pairing.matched} m ON m.{alias} = s._n "
        "LEFT JOIN pass_names p ON p.pass_no = m.pass_no "
        f"LEFT JOIN (SELECT {alias} AS n FROM {pairing.differs}) d ON d.n = s._n"
    )
