"""Tables: equal rows give equal bytes, whatever computed them."""

import os
import subprocess
import sys
from datetime import UTC, date, datetime
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from tenuto.artifacts.store import ArtifactStore
from tenuto.core.errors import UsageError
from tenuto.core.references import Column

ROWS = 200_000

COMPUTE_AND_PRINT_HASH = f"""
import sys
import polars as pl
from tenuto.artifacts.store import open_store

lazy = pl.LazyFrame({{"n": range({ROWS})}}).with_columns(
    price=(pl.col("n") * 7919 % 1000).cast(pl.Decimal(38, 10)),
    isin=pl.format("XS{{}}", pl.col("n") * 31 % 5000),
    odd=pl.when(pl.col("n") % 3 > 0).then(pl.col("n") / 7),
).filter(pl.col("n") % 10 != 3)
print(pl.thread_pool_size(), open_store(sys.argv[1]).put_table(lazy, name="t").sha256)
"""


def computed() -> pl.DataFrame:
    return (
        pl.LazyFrame({"n": range(ROWS)})
        .with_columns(
            price=(pl.col("n") * 7919 % 1000).cast(pl.Decimal(38, 10)),
            isin=pl.format("XS{}", pl.col("n") * 31 % 5000),
            odd=pl.when(pl.col("n") % 3 > 0).then(pl.col("n") / 7),
        )
        .filter(pl.col("n") % 10 != 3)
        .collect()
    )


def test_a_table_comes_back_unchanged_and_is_described(store: ArtifactStore) -> None:
    frame = pl.DataFrame(
        {
            "isin": ["A", None],
            "amount": [Decimal("1.10"), Decimal("-2.2")],
            "on": [date(2022, 12, 28), None],
            "at": [datetime(2022, 12, 28, 18, 30, tzinfo=UTC)] * 2,
            "lots": [[1, 2], []],
        },
        schema_overrides={"amount": pl.Decimal(38, 10)},
    )

    kept = store.put_table(frame, name="positions")

    assert_frame_equal(store.get_table(kept), frame)
    assert_frame_equal(store.scan_table(kept).collect(), frame)
    assert (kept.name, kept.rows) == ("positions", 2)
    assert kept.bytes == store.stat(kept).bytes
    assert kept.columns[:3] == (
        Column(name="isin", dtype="String"),
        Column(name="amount", dtype="Decimal(38, 10)"),
        Column(name="on", dtype="Date"),
    )


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25, deadline=None
)
@given(
    rows=st.lists(
        st.tuples(
            st.none() | st.text(st.characters(codec="utf-8"), max_size=5),
            st.none() | st.integers(-(2**63), 2**63 - 1),
            st.none() | st.floats(),
            st.none() | st.decimals(-(10**20), 10**20, places=10),
            st.none() | st.dates(),
        ),
        max_size=20,
    )
)
def test_any_table_comes_back_unchanged(store: ArtifactStore, rows: list[tuple[object]]) -> None:
    schema: dict[str, pl.DataType | type[pl.DataType]] = {
        "s": pl.String, "i": pl.Int64, "f": pl.Float64, "d": pl.Decimal(38, 10), "t": pl.Date
    }  # fmt: skip
    frame = pl.DataFrame(rows, schema=schema, orient="row")

    kept = store.put_table(frame, name="any")

    assert_frame_equal(store.get_table(kept), frame)
    assert store.put_table(frame.lazy(), name="any").sha256 == kept.sha256


def test_the_bytes_do_not_depend_on_chunks_or_laziness(folder_store: ArtifactStore) -> None:
    frame = computed()
    pieces = [frame[start : start + 37_111] for start in range(0, frame.height, 37_111)]

    hashes = {
        folder_store.put_table(same, name="t").sha256
        for same in (frame, frame.lazy(), pl.concat(pieces, rechunk=False), frame.rechunk())
    }

    assert len(hashes) == 1


def test_the_bytes_do_not_depend_on_threads(folder_store: ArtifactStore) -> None:
    here = folder_store.put_table(computed(), name="t").sha256

    printed = [
        subprocess.run(
            [sys.executable, "-c", COMPUTE_AND_PRINT_HASH, folder_store.url],
            env={**os.environ, "POLARS_MAX_THREADS": str(threads)},
            check=True,
            capture_output=True,
            text=True,
        ).stdout.split()
        for threads in (1, 5)
    ]

    assert printed == [["1", here], ["5", here]]


def test_rows_in_another_order_are_another_table(folder_store: ArtifactStore) -> None:
    frame = pl.DataFrame({"n": [1, 2, 3]})

    assert (
        folder_store.put_table(frame, name="t").sha256
        != folder_store.put_table(frame.reverse(), name="t").sha256
    )


def test_a_table_may_be_empty_but_not_without_columns(store: ArtifactStore) -> None:
    empty = pl.DataFrame(schema={"isin": pl.String})

    kept = store.put_table(empty, name="none today")

    assert kept.rows == 0
    assert_frame_equal(store.get_table(kept), empty)
    with pytest.raises(UsageError) as caught:
        store.put_table(pl.DataFrame(), name="nothing")
    assert caught.value.code == "artifact.no-columns"


def test_a_scan_outlives_its_block_and_reads_only_what_it_needs(store: ArtifactStore) -> None:
    kept = store.put_table(pl.DataFrame({"n": range(1000), "m": range(1000)}), name="numbers")

    last = store.scan_table(kept).filter(pl.col("n") > 997).select("m")

    assert last.collect()["m"].to_list() == [998, 999]
    assert last.collect(engine="streaming")["m"].to_list() == [998, 999]


def test_without_polars_the_error_says_what_to_install(
    folder_store: ArtifactStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    frame = pl.DataFrame({"n": [1]})
    monkeypatch.setitem(sys.modules, "polars", None)

    with pytest.raises(UsageError, match=r"pip install 'tenuto\[data\]'") as caught:
        folder_store.put_table(frame, name="t")

    assert caught.value.code == "artifact.polars-missing"


def test_the_store_starts_without_polars_and_temporal() -> None:
    code = (
        "import sys, tenuto.artifacts.store, tenuto.artifacts.current, tenuto.artifacts.garbage\n"
        "print([m for m in ('polars', 'temporalio', 'pyarrow', 'pandas') if m in sys.modules])"
    )

    printed = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    ).stdout

    assert printed.strip() == "[]"
