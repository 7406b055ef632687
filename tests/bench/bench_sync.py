"""What a sync costs over dlt by hand.

    python tests/bench/bench_sync.py [--json] [--rows N] [--rounds N]

Each loads the same rows into a new DuckDB file, in a process of its own:

    dlt     as its manual has it (`pipeline.run`), which writes INSERT statements
    alike   dlt with JSON lines and with `_client_id` and `_loaded_at` on each row, as a sync has
    sync    as the worker does it, with locks, counts, and history

Rounds take turns in who is first; figures are medians over the rounds, the ratios are sync to the
others (below 1: the sync is quicker). Run it with `--rows 10` as well: what is left then is the
fixed cost of each.
"""

import argparse
import asyncio
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import dlt
import duckdb

PAGE = 10_000


def main() -> None:
    """Prints seconds and rows per second of both, and the ratio."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--only", choices=("dlt", "alike", "sync"), action="append")
    parser.add_argument("--by-hand", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--alike", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.by_hand:
        _dlt_by_hand(options.by_hand, options.rows, options.alike)
        return
    turns: list[tuple[str, Callable[[Path, int], None]]] = [
        ("dlt", _by_hand),
        ("alike", partial(_by_hand, alike=True)),
        ("sync", _synced),
    ]
    turns = [each for each in turns if not options.only or each[0] in options.only]
    seconds: dict[str, list[float]] = {name: [] for name, _ in turns}
    for number in range(options.rounds):
        for name, load in turns if number % 2 == 0 else turns[::-1]:
            with tempfile.TemporaryDirectory() as folder:
                began = time.perf_counter()
                load(Path(folder), options.rows)
                seconds[name].append(time.perf_counter() - began)
    medians = {name: median(each) for name, each in seconds.items()}
    figures = {
        "rows": options.rows,
        **{f"{name}_s": round(each, 2) for name, each in medians.items()},
        **{f"{name}_rows_per_s": round(options.rows / each) for name, each in medians.items()},
        **{
            f"sync_to_{name}": round(medians["sync"] / each, 3)
            for name, each in medians.items()
            if name != "sync" and "sync" in medians
        },
    }
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    if options.json:
        print(json.dumps({"machine": machine, "rounds": options.rounds, "figures": figures}))
        return
    print(f"{machine}, {options.rounds} rounds")
    print("  ".join(f"{key} {value}" for key, value in figures.items()))


def trades(rows: int) -> Any:
    """`rows` rows of five fields, ten thousand a page."""

    @dlt.resource(name="trades", write_disposition="append")
    def read() -> Iterator[list[dict[str, Any]]]:
        for start in range(0, rows, PAGE):
            yield [
                {"id": each, "day": "2026-03-02", "price": each / 7, "side": "buy", "fund": "A"}
                for each in range(start, min(start + PAGE, rows))
            ]

    return read


def _by_hand(folder: Path, rows: int, alike: bool = False) -> None:
    command = [sys.executable, __file__, "--by-hand", str(folder), "--rows", str(rows)]
    command += ["--alike"] if alike else []
    subprocess.run(command, check=True, env={**os.environ, "RUNTIME__DLTHUB_TELEMETRY": "false"})


def _dlt_by_hand(folder: Path, rows: int, alike: bool) -> None:
    file = folder / "by_hand.duckdb"
    pipeline = dlt.pipeline(
        "trades",
        pipelines_dir=str(folder / "pipelines"),
        destination=dlt.destinations.duckdb(str(file)),
        dataset_name="main",
    )
    if alike:
        stamps = {"_client_id": "acme", "_loaded_at": datetime.now(UTC)}
        pipeline.run(trades(rows).add_map(lambda row: row | stamps), loader_file_format="jsonl")
    else:
        pipeline.run(trades(rows))
    _check(file, rows)


def _synced(folder: Path, rows: int) -> None:
    # Not above: dlt by hand would pay for these as well.
    from tenuto.packs.sync.activities.loading.wire import Job
    from tenuto.packs.sync.activities.process import run_job
    from tenuto.packs.sync.models import LoadRequest

    source = {
        "kind": "python",
        "function": "bench_sync:trades",
        "config": {"rows": rows},
        "client_id": "acme",
    }
    (folder / "sync.yaml").write_text(json.dumps({"sources": {"trades": source}}))
    job = Job(
        kind="load",
        request=LoadRequest(source_name="trades"),
        root=folder,
        file=folder / "sync.yaml",
        state=folder,
        run="bench",
        name="bench",
        loaded_at=datetime.now(UTC),
        import_path=(str(Path(__file__).parent),),
    )
    asyncio.run(run_job(job, lambda _: None))
    _check(folder / "sync" / "trades.duckdb", rows)


def _check(file: Path, rows: int) -> None:
    with duckdb.connect(str(file), read_only=True) as connection:
        (found,) = connection.execute("SELECT count(*) FROM trades").fetchall()
    assert found == (rows,), found


if __name__ == "__main__":
    main()
