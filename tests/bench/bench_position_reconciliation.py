"""What a position reconciliation costs, against pandas and datacompy, each in its own process.

    python tests/bench/bench_position_reconciliation.py [--json] [--rows N] [--memory-mb N]
        [--runs N] [--against pandas,datacompy]

Both sides are Parquet files of N positions (1,000,000 unless given; the floors are for 1 and 10
million) with 1 % planted differences. Tenuto's activities collect, match, and classify, Parquet to
Parquet: once counting equal pairs (`keep_matches: inexact`), once listing them all. The others
join on account and ISIN, apply the same tolerances, and write their breaks; they get environments
of their own under a temporary folder, by pip, and compute with float64. CPU and wall time start
after the imports; the peak is the resident memory of the whole process. Everybody must find the
same number of breaks.
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
import venv
from collections.abc import Callable
from datetime import date
from pathlib import Path
from statistics import median
from typing import Any

DAY = date(2024, 1, 3)
FLOORS = {1_000_000: (3.0, 500), 10_000_000: (20.0, 1500)}
"""Rows -> wall seconds on two idle cores, and MB, without a list of equal pairs."""
CONTESTANTS = ("tenuto", "tenuto-listing")
OTHERS = {"pandas": ("pandas", "pyarrow"), "datacompy": ("datacompy", "pyarrow")}


def make_sides(folder: Path, rows: int) -> None:
    """Writes `ours.parquet` and `theirs.parquet`; the same rows every time, in mixed order."""
    import duckdb

    connection = duckdb.connect()
    book = (
        "(SELECT 'A' || (i % 500) AS account, 'XS' || lpad(CAST(i AS VARCHAR), 10, '0') AS isin, "
        "CASE i % 3 WHEN 0 THEN 'equity' WHEN 1 THEN 'bond' ELSE 'fund' END AS type, "
        "'EUR' AS currency, CAST(1000 + i * 7919 % 1000003 AS DECIMAL(28, 8)) AS quantity, "
        "CAST(10 + i * 104729 % 499 AS DECIMAL(28, 10)) AS price FROM range(?) t(i))"
    )
    changed = (
        "* REPLACE (CASE WHEN hash(isin || 'q') % 200 = 0 THEN quantity + 50000 "
        "ELSE quantity END AS quantity)"
    )
    for name, columns, order in (
        ("ours", "*", "hash(isin)"),
        ("theirs", changed, "hash(isin || 'z')"),
    ):
        keep = "" if name == "ours" else "WHERE hash(isin || 'm') % 200 <> 0"
        target = str(folder / f"{name}.parquet").replace("'", "''")
        connection.execute(
            f"COPY (SELECT {columns} FROM {book} {keep} ORDER BY {order}) TO '{target}' "  # noqa: S608
            "(FORMAT parquet, COMPRESSION zstd)",
            [rows],
        )


def by_tenuto(folder: Path, *, memory_mb: int, keep: str) -> int:
    """Breaks found by the activities, Parquet to Parquet."""
    from tenuto.artifacts.current import use_store
    from tenuto.artifacts.store import open_store
    from tenuto.packs.finance.reconciliation.activities.classify import classify
    from tenuto.packs.finance.reconciliation.activities.collect import collect
    from tenuto.packs.finance.reconciliation.activities.match import match
    from tenuto.packs.finance.reconciliation.handoffs import (
        ClassifyRequest,
        CollectRequest,
        MatchRequest,
    )
    from tenuto.packs.finance.reconciliation.models import ReconciliationRequest, Resources
    from tenuto.packs.finance.reconciliation.rules import RecRules

    store = open_store(str(folder / "artifacts"))
    use_store(store)
    sides = {name: store.put_file(folder / f"{name}.parquet") for name in ("ours", "theirs")}
    rules = RecRules.model_validate(
        {
            "rec_id": "BENCH",
            "kind": "position",
            "base_currency": "EUR",
            "calendar": "WEEKDAYS",
            "sides": [{"name": name} for name in sides],
            "keep_matches": keep,
        }
    )
    request = ReconciliationRequest(
        rules=rules,
        date=DAY,
        sources=sides,
        version=1,
        resources=Resources(memory_mb=memory_mb),
    )
    with _measuring("match"):
        collected = collect(CollectRequest(request=request))
        matched = match(
            MatchRequest(rules=rules, date=DAY, collected=collected, resources=request.resources)
        )
    with _measuring("classify"):
        done = classify(ClassifyRequest(request=request, collected=collected, matched=matched))
    return done.breaks.rows


_PANDAS = """
import pandas as pd
ours, theirs = (pd.read_parquet(f"{folder}/{n}.parquet") for n in ("ours", "theirs"))
for side in (ours, theirs):
    side["quantity"] = side["quantity"].astype(float)
    side["price"] = side["price"].astype(float)
both = ours.merge(theirs, on=["account", "isin"], how="outer", suffixes=("", "_theirs"),
                  indicator=True)
apart = (both["quantity"] - both["quantity_theirs"]).abs()
largest = both[["quantity", "quantity_theirs"]].abs().max(axis=1)
most = both["type"].map({"equity": 10.0, "bond": 10000.0}).fillna(0.0)
share = both["type"].map({"equity": 0.001, "bond": 0.001}).fillna(0.0)
same = (both["_merge"] == "both") & ((apart <= most) | (apart <= share * largest)) & (
    both["price"] == both["price_theirs"])
breaks = both[~same]
breaks.to_parquet(f"{folder}/breaks.parquet")
found = len(breaks)
"""

_DATACOMPY = """
import pandas as pd, datacompy
ours, theirs = (pd.read_parquet(f"{folder}/{n}.parquet") for n in ("ours", "theirs"))
for side in (ours, theirs):
    side["quantity"] = side["quantity"].astype(float)
    side["price"] = side["price"].astype(float)
kind = getattr(datacompy, "PandasCompare", None) or datacompy.Compare
compare = kind(ours, theirs, join_columns=["account", "isin"], abs_tol=10, rel_tol=0.001)
differ = compare.intersect_rows
same = differ["quantity_match"] & differ["price_match"]
found = int((~same).sum()) + len(compare.df1_unq_rows) + len(compare.df2_unq_rows)
differ[~same].to_parquet(f"{folder}/breaks.parquet")
"""

_MEASURED = """
import json, resource, sys, time
folder = sys.argv[1]
{imports}
cpu, wall = time.process_time(), time.perf_counter()
{body}
print(json.dumps({{
    "cpu_s": time.process_time() - cpu, "wall_s": time.perf_counter() - wall,
    "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, "breaks": found}}))
"""


class _measuring:  # noqa: N801 (reads as a word)
    """Adds up CPU and wall seconds of the parts of one run."""

    times: dict[str, float] = {}  # noqa: RUF012 (one process measures one run)

    def __init__(self, part: str) -> None:
        self._part = part

    def __enter__(self) -> None:
        self._cpu, self._wall = time.process_time(), time.perf_counter()

    def __exit__(self, *_: object) -> None:
        for name, value in (
            ("cpu_s", time.process_time() - self._cpu),
            ("wall_s", time.perf_counter() - self._wall),
        ):
            self.times[name] = self.times.get(name, 0.0) + value
            self.times[f"{self._part}_{name}"] = value


def run_once(folder: Path, contestant: str, memory_mb: int) -> dict[str, Any]:
    """One run of ours in this process."""
    keep = "all" if contestant == "tenuto-listing" else "inexact"
    found = by_tenuto(folder, memory_mb=memory_mb, keep=keep)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {**_measuring.times, "peak_mb": peak, "breaks": found}


def measured(command: list[str]) -> dict[str, Any]:
    """What a run in a process of its own printed."""
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(done.stderr)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def other_runner(folder: Path, name: str) -> Callable[[], dict[str, Any]]:
    """Installs a contestant under `folder` and returns what runs it once."""
    place = folder / f"venv-{name}"
    venv.create(place, with_pip=True)
    python = str(place / "bin" / "python")
    subprocess.run([python, "-m", "pip", "install", "-q", *OTHERS[name]], check=True)
    code = {"pandas": _PANDAS, "datacompy": _DATACOMPY}[name].strip()
    imports, _, body = code.partition("\n")
    script = folder / f"run_{name}.py"
    script.write_text(_MEASURED.format(imports=imports, body=body))
    return lambda: measured([python, str(script), str(folder)])


def main() -> None:
    """Measures and prints a table of ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--memory-mb", type=int, default=1200)
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--against", default="pandas,datacompy")
    parser.add_argument("--only", choices=CONTESTANTS)
    parser.add_argument("--folder", type=Path)
    given = parser.parse_args()
    if given.only and given.folder is None:
        parser.error("--only is how the bench starts its own processes; leave it out")
    if given.only:
        print(json.dumps(run_once(given.folder, given.only, given.memory_mb)))
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make_sides(folder, given.rows)
        runners: dict[str, Callable[[], dict[str, Any]]] = {
            each: lambda each=each: measured(  # type: ignore[misc]
                [
                    *(sys.executable, __file__, "--only", each, "--folder", name),
                    *("--memory-mb", str(given.memory_mb)),
                ]
            )
            for each in CONTESTANTS
        }
        for each in filter(None, given.against.split(",")):
            runners[each] = other_runner(folder, each)
        found = {each: [runner() for _ in range(given.runs)] for each, runner in runners.items()}
    print_table(found, given, is_json=given.json)


def print_table(found: dict[str, list[dict[str, Any]]], given: Any, *, is_json: bool) -> None:
    """Medians, and each as a ratio of ours."""
    medians = {
        name: {key: median(run[key] for run in runs) for key in runs[0]}
        for name, runs in found.items()
    }
    if is_json:
        print(json.dumps({"rows": given.rows, "machine": platform.machine(), "runs": medians}))
        return
    ours = medians["tenuto"]
    print(
        f"{given.rows:,} x {given.rows:,} positions, {os.cpu_count()} cores, median of {given.runs}"
    )
    print(f"{'':16}{'CPU s':>9}{'ratio':>7}{'wall s':>9}{'peak MB':>9}{'ratio':>7}{'breaks':>9}")
    for name, row in medians.items():
        print(
            f"{name:16}{row['cpu_s']:9.2f}{row['cpu_s'] / ours['cpu_s']:7.1f}{row['wall_s']:9.2f}"
            f"{row['peak_mb']:9.0f}{row['peak_mb'] / ours['peak_mb']:7.1f}{row['breaks']:9.0f}"
        )
    if given.rows in FLOORS:
        wall, peak = FLOORS[given.rows]
        print(
            f"floor of matching on two idle cores: {wall} s, {peak} MB; measured "
            f"{ours['match_wall_s']:.1f} s ({ours['match_cpu_s']:.1f} s CPU)"
        )


if __name__ == "__main__":
    main()
