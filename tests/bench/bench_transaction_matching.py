"""What matching transactions in three passes costs, against the same passes by hand in Polars.

    python tests/bench/bench_transaction_matching.py [--json] [--rows N] [--memory-mb N]

N trades a side (1,000,000 unless given): 90 % share a reference and every value, 5 % have another
reference, a cent and a day apart, 3 % are one block here and two allocations there, 2 % are alone.
Tenuto runs `collect` and `match`, Parquet to Parquet, with its checks; by hand means three joins
on float64 that count, and write nothing but the rest. Each run has a process of its own; CPU and
wall time start after the imports, the peak is the resident memory of the whole process.
"""

import argparse
import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path
from typing import Any

DAY = date(2024, 1, 3)
FLOORS = {1_000_000: 5.0, 10_000_000: 45.0}
"""Rows -> wall seconds on two idle cores."""

_TRADES = (
    "(SELECT i, i % 100 AS kind, 'A' || i % 50 AS account, 'XS' || i % 20000 AS isin, "
    "DATE '2023-12-01' + CAST(i * 7 % 30 AS INTEGER) AS trade_date, "
    "CAST(1000 + i * 7919 % 9999991 AS DECIMAL(28, 8)) AS amount FROM range(?) t(i))"
)
_COLUMNS = "account, isin, trade_date, 'EUR' AS currency"
_OURS = f"SELECT 'R' || i AS reference, {_COLUMNS}, amount FROM {_TRADES}"  # noqa: S608
_IS_OTHER, _IS_BLOCK = "kind BETWEEN 90 AND 94", "kind BETWEEN 95 AND 97"
_PARTS = (
    f"unnest(CASE WHEN {_IS_BLOCK} THEN [CAST(400 AS DECIMAL(28, 8)), amount - 400] "
    f"WHEN {_IS_OTHER} THEN [amount + 0.01] ELSE [amount] END)"
)
_THEIRS = (
    f"SELECT CASE WHEN {_IS_OTHER} THEN 'Q' || i ELSE 'R' || i END AS reference, account, isin, "  # noqa: S608
    f"CASE WHEN {_IS_OTHER} THEN trade_date + 1 ELSE trade_date END AS trade_date, "
    f"'EUR' AS currency, CAST({_PARTS} AS DECIMAL(28, 8)) AS amount "
    f"FROM {_TRADES} WHERE kind < 98"
)


def make_sides(folder: Path, rows: int) -> None:
    """Writes `ours.parquet` and `theirs.parquet`; the same rows every time, in mixed order."""
    import duckdb

    connection = duckdb.connect()
    for name, query in (("ours", _OURS), ("theirs", _THEIRS)):
        target = str(folder / f"{name}.parquet").replace("'", "''")
        connection.execute(
            f"COPY (SELECT * FROM ({query}) ORDER BY hash(reference, '{name}', amount)) "  # noqa: S608
            f"TO '{target}' (FORMAT parquet, COMPRESSION zstd)",
            [rows],
        )


def by_tenuto(folder: Path, memory_mb: int) -> dict[str, int]:
    """Matches per pass."""
    from tenuto.artifacts.current import use_store
    from tenuto.artifacts.store import open_store
    from tenuto.packs.finance.reconciliation.activities.collect import collect
    from tenuto.packs.finance.reconciliation.activities.match import match
    from tenuto.packs.finance.reconciliation.handoffs import CollectRequest, MatchRequest
    from tenuto.packs.finance.reconciliation.models import ReconciliationRequest, Resources
    from tenuto.packs.finance.reconciliation.rules import RecRules

    store = open_store(str(folder / "artifacts"))
    use_store(store)
    sides = {name: store.put_file(folder / f"{name}.parquet") for name in ("ours", "theirs")}
    rules = RecRules.model_validate(
        {
            "rec_id": "BENCH",
            "kind": "transaction",
            "base_currency": "EUR",
            "calendar": "WEEKDAYS",
            "sides": [{"name": name} for name in sides],
            "passes": [
                {"name": "reference", "kind": "exact", "keys": [["reference"]]},
                {"name": "tolerance", "kind": "tolerance", "keys": [["isin", "currency"]]},
                {"name": "block", "kind": "group", "keys": [["reference"]]},
            ],
            "keep_matches": "inexact",
        }
    )
    request = ReconciliationRequest(
        rules=rules, date=DAY, sources=sides, version=1, resources=Resources(memory_mb=memory_mb)
    )
    cpu, wall = time.process_time(), time.perf_counter()
    collected = collect(CollectRequest(request=request))
    done = match(
        MatchRequest(rules=rules, date=DAY, collected=collected, resources=request.resources)
    )
    _times.update(cpu_s=time.process_time() - cpu, wall_s=time.perf_counter() - wall)
    return {each.name: each.matches for each in done.passes}


def by_hand(folder: Path, _: int) -> dict[str, int]:
    """Matches per pass."""
    import polars as pl

    cpu, wall = time.process_time(), time.perf_counter()
    ours, theirs = (
        pl.scan_parquet(folder / f"{name}.parquet")
        .with_columns(pl.col("amount").cast(pl.Float64))
        .with_row_index("n")
        .collect()
        for name in ("ours", "theirs")
    )
    found = {}
    key = ["account", "reference", "amount", "trade_date", "currency"]
    exact = ours.join(theirs, on=key)
    found["reference"] = exact.height
    ours = ours.join(exact, on="n", how="anti")
    theirs = theirs.join(exact, left_on="n", right_on="n_right", how="anti")
    pairs = ours.join(theirs, on=["account", "isin", "currency"]).filter(
        ((pl.col("amount") - pl.col("amount_right")).abs() < 0.010001)
        & ((pl.col("trade_date") - pl.col("trade_date_right")).dt.total_days().abs() <= 3)
    )
    near = pairs.filter(pl.len().over("n") == 1, pl.len().over("n_right") == 1)
    found["tolerance"] = near.height
    ours = ours.join(near, on="n", how="anti")
    theirs = theirs.join(near, left_on="n", right_on="n_right", how="anti")
    left, right = (
        each.group_by("account", "reference").agg(pl.col("amount").sum()) for each in (ours, theirs)
    )
    blocks = left.join(right, on=["account", "reference"])
    both = blocks.filter((pl.col("amount") - pl.col("amount_right")).abs() < 0.010001)
    found["block"] = both.height
    ours.join(both, on=["account", "reference"], how="anti").write_parquet(folder / "rest.parquet")
    _times.update(cpu_s=time.process_time() - cpu, wall_s=time.perf_counter() - wall)
    return found


_times: dict[str, float] = {}
_CONTESTANTS = {"tenuto": by_tenuto, "polars by hand": by_hand}


def run_once(folder: Path, contestant: str, memory_mb: int) -> dict[str, Any]:
    """One run in this process."""
    matches = _CONTESTANTS[contestant](folder, memory_mb)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {**_times, "peak_mb": peak, "matches": matches}


def main() -> None:
    """Measures and prints a table of ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--memory-mb", type=int, default=1200)
    parser.add_argument("--only", choices=_CONTESTANTS)
    parser.add_argument("--folder", type=Path)
    given = parser.parse_args()
    if given.only:
        print(json.dumps(run_once(given.folder, given.only, given.memory_mb)))
        return
    found = {}
    with tempfile.TemporaryDirectory() as name:
        make_sides(Path(name), given.rows)
        for each in _CONTESTANTS:
            command = [sys.executable, __file__, "--only", each, "--folder", name]
            done = subprocess.run(
                [*command, "--memory-mb", str(given.memory_mb)], capture_output=True, text=True
            )
            if done.returncode:
                raise SystemExit(done.stderr)
            found[each] = json.loads(done.stdout)
    if given.json:
        print(json.dumps({"rows": given.rows, "machine": platform.machine(), "runs": found}))
        return
    print(f"{given.rows:,} trades a side, {os.cpu_count()} cores")
    for each, row in found.items():
        share = row["cpu_s"] / found["polars by hand"]["cpu_s"]
        print(
            f"{each:16}{row['cpu_s']:8.2f} s CPU ({share:.1f}){row['wall_s']:8.2f} s wall"
            f"{row['peak_mb']:8.0f} MB  {row['matches']}"
        )
    if given.rows in FLOORS:
        print(f"floor on two idle cores: {FLOORS[given.rows]} s")


if __name__ == "__main__":
    main()
