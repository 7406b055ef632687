"""What changed between two strikes of one NAV: for the person who looked at the first."""

from collections.abc import Iterator

import polars as pl

from tenuto.artifacts.current import current_store
from tenuto.catalog import implements
from tenuto.packs.finance.nav import catalog
from tenuto.packs.finance.nav.activities.history import read_result
from tenuto.packs.finance.nav.models import Changed, Changes, NavResult
from tenuto.packs.finance.nav.release_handoffs import CompareRequest

_SHOWN = 50
_FIGURES = ("nav", "gav", "positions_value", "liabilities", "benchmark_level")
_OF_A_CLASS = ("nav_per_unit", "nav", "units")
_OF_A_POSITION = ("quantity", "price", "price_date", "base_value")


@implements(catalog.compare)
def compare(request: CompareRequest) -> Changes:
    """Figures of the fund, classes, checks, inputs, then positions by how far their value moved."""
    store = current_store()
    before, after = read_result(store, request.before), read_result(store, request.after)
    changed = [
        *_figures(before, after),
        *_classes(before, after),
        *_checks(before, after),
        *_inputs(before, after),
        *_positions(store.get_table(before.positions), store.get_table(after.positions)),
    ]
    return Changes(
        before=request.before.sha256,
        after=request.after.sha256,
        count=len(changed),
        changed=tuple(changed[:_SHOWN]),
    )


def _figures(before: NavResult, after: NavResult) -> Iterator[Changed]:
    for name in _FIGURES:
        yield from _difference(name, getattr(before, name), getattr(after, name))


def _classes(before: NavResult, after: NavResult) -> Iterator[Changed]:
    later = {each.class_id: each for each in after.classes}
    for each in before.classes:
        for name in _OF_A_CLASS:
            now = getattr(later.get(each.class_id), name, None)
            yield from _difference(f"class {each.class_id} {name}", getattr(each, name), now)


def _checks(before: NavResult, after: NavResult) -> Iterator[Changed]:
    outcomes = [
        {(each.rule, each.subject): each.outcome for each in result.checks}
        for result in (before, after)
    ]
    for rule, subject in sorted(outcomes[0] | outcomes[1]):
        key = (rule, subject)
        yield from _difference(f"check {rule} {subject}", *(each.get(key) for each in outcomes))


def _inputs(before: NavResult, after: NavResult) -> Iterator[Changed]:
    for name in sorted(before.inputs | after.inputs):
        yield from _difference(f"input {name}", before.inputs.get(name), after.inputs.get(name))


def _positions(before: pl.DataFrame, after: pl.DataFrame) -> Iterator[Changed]:
    joined = before.join(after, on="instrument_id", how="full", coalesce=True, suffix="_after")
    moved = joined.filter(
        pl.any_horizontal(
            pl.col(name).ne_missing(pl.col(f"{name}_after")) for name in _OF_A_POSITION
        )
    ).sort(
        (pl.col("base_value_after").fill_null(0) - pl.col("base_value").fill_null(0)).abs(),
        "instrument_id",
        descending=[True, False],
    )
    for row in moved.iter_rows(named=True):
        for name in _OF_A_POSITION:
            what = f"position {row['instrument_id']} {name}"
            yield from _difference(what, row[name], row[f"{name}_after"])


def _difference(what: str, before: object, after: object) -> Iterator[Changed]:
    if before != after:
        yield Changed(what=what, before=_shown(before), after=_shown(after))


def _shown(value: object) -> str | None:
    return None if value is None else str(value)
