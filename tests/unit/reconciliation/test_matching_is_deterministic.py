"""The same rows in any order, on any number of threads, in any memory: the same bytes."""

# ruff: noqa: S311 (the same rows every time)

import random
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from long_runs import examples
from rec_room import Reconciled, RecRoom, rules_for
from tenuto.packs.finance.reconciliation.models import Resources

HEADER = "account,reference,trade_date,amount,currency,description\n"
PASSES = [
    {"name": "reference", "kind": "exact", "keys": [["reference"]]},
    {"name": "tolerance", "kind": "tolerance", "keys": [["reference"], ["currency"]]},
    {"name": "block", "kind": "group", "keys": [["reference"], ["trade_date"]]},
    {"name": "sum", "kind": "subset", "keys": [[]], "compare": ["amount"], "max_subset": 3},
    {
        "name": "similar",
        "kind": "fuzzy",
        "keys": [[]],
        "compare": ["amount"],
        "similar": "description",
        "threshold": 60,
        "accept": True,
    },
    {"name": "side-by-side", "kind": "pair", "keys": [["reference"]]},
]
COMPARE = [
    {"field": "amount", "break_class": "amount", "margin": {"absolute": "1"}},
    {"field": "trade_date", "break_class": "timing", "days": 1},
    {"field": "currency", "break_class": "currency"},
]

rows = st.lists(
    st.tuples(
        st.sampled_from(["", "R1", "R2", "R3"]),
        st.sampled_from(["2024-01-02", "2024-01-03", "2024-01-05"]),
        st.sampled_from(["1", "2", "3", "2.5", "-1", "oops", ""]),
        st.sampled_from(["EUR", "USD", "XXQ"]),
        st.sampled_from(["", "alpha", "alpha beta", "beta alpha"]),
    ),
    max_size=12,
)


def file_of(lines: Sequence[Sequence[str]]) -> str:
    return HEADER + "".join(
        f"A,{reference},{day},{amount},{currency},{text}\n"
        for reference, day, amount, currency, text in lines
    )


def results(done: Reconciled) -> dict[str, str]:
    """Hashes of every table but the one that names rows of files."""
    report = done.report
    tables = ("matches", "breaks", "closed", "suggestions", "items", "write_offs", "ended")
    return {name: getattr(report, name).sha256 for name in tables}


@given(ours=rows, theirs=rows, seed=st.integers(0, 1000))
@settings(
    max_examples=examples(10),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_ops_9_order_and_threads_do_not_matter_and_nothing_is_lost(
    room: RecRoom, ours: list[Any], theirs: list[Any], seed: int
) -> None:
    rules = rules_for("transaction", passes=PASSES, compare=COMPARE)
    first = room.run(rules, file_of(ours), file_of(theirs))
    shuffled = [random.Random(seed).sample(each, len(each)) for each in (ours, theirs)]
    room.resources = Resources(memory_mb=128, threads=1)
    second = room.run(rules, *map(file_of, shuffled))
    room.resources = Resources(memory_mb=512, threads=2)
    assert results(first) == results(second)
    for side, given_rows in zip(first.report.sides, (ours, theirs), strict=True):
        assert side.rows == len(given_rows) == side.matched + side.unmatched + side.excluded
        amounts = [
            Decimal(amount) for _, _, amount, _, _ in given_rows if amount not in ("", "oops")
        ]
        assert side.amount == sum(amounts)
        assert side.amount == side.matched_amount + side.unmatched_amount
    used = first.matches
    for suffix in ("ours", "theirs"):
        present = used[f"currency_{suffix}"].is_not_null() | used[f"amount_{suffix}"].is_not_null()
        matched = first.report.sides[suffix == "theirs"].matched
        assert present.sum() == matched


def big_book(count: int, seed: int, *, theirs: bool) -> pl.DataFrame:
    """Positions with planted differences: lots, duplicates, missing and changed rows."""
    draw = random.Random(7)
    lines: list[tuple[str, str, str, str]] = []
    for number in range(count):
        quantity = draw.randrange(1, 10_000)
        kind = draw.random()
        row = (f"A{number % 50}", f"I{number}", "equity", str(quantity))
        if kind < 0.01:
            lines += [] if theirs else [row]
        elif kind < 0.02:
            lines.append((*row[:3], str(quantity + 500)) if theirs else row)
        elif kind < 0.03 and theirs:
            lines += [(*row[:3], "1"), (*row[:3], str(quantity - 1))]
        elif kind < 0.035 and theirs:
            lines += [row, row]
        elif kind < 0.04 and theirs:
            lines += [(*row[:3], str(quantity + 5))]
        else:
            lines.append(row)
    random.Random(seed).shuffle(lines)
    return pl.DataFrame(
        lines, schema=["account", "instrument_id", "type", "quantity"], orient="row"
    ).with_columns(pl.col("quantity").cast(pl.Decimal(38, 8)))


@pytest.mark.timeout(120)
def test_ops_9_a_hundred_thousand_rows_give_the_same_bytes(room: RecRoom) -> None:
    rules = rules_for("position")
    hashes = []
    for seed, threads, memory in ((1, 1, 128), (2, 2, 1000)):
        room.resources = Resources(memory_mb=memory, threads=threads)
        ours, theirs = (
            room.store.put_table(big_book(100_000, seed, theirs=side), name="book")
            for side in (False, True)
        )
        done = room.run(rules, ours, theirs)
        hashes.append(results(done))
        assert done.report.open_breaks > 1000
        assert done.passes().keys() == {"exact", "tolerance", "lots"}
    assert hashes[0] == hashes[1]
