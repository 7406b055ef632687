"""What exactness costs: the NAV of a million positions in Decimal columns against Float64.

    python tests/bench/bench_exact_nav.py [--json] [--runs N] [--positions N]

Both valuations read the same Parquet files, join 50,000 prices and 10 exchange rates, round
the local and the base value of every position to cents, add them up by fund, and write
Parquet. Each run has a process of its own; CPU and wall time start after the imports, and the
peak is the resident memory of the whole process. The exact result is then compared, every
position and every fund, with Python's Decimal at 50 digits.
"""

import argparse
import json
import os
import platform
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from decimal import ROUND_HALF_EVEN, Context, Decimal
from pathlib import Path
from statistics import median
from typing import Any

import polars as pl

from tenuto.activities.exact import collect, product, round_to, total
from tenuto.core.money import RoundingMode

PRICES, CURRENCIES, FUNDS = 50_000, 10, 500
QUANTITY_SCALE, PRICE_SCALE, RATE_SCALE, CENTS = 6, 8, 10, 2
FLOOR_WALL_S, FLOOR_MB = 3.0, 500
BY_FUND = "fund_id"


def make_book(folder: Path, positions: int) -> None:
    """Write the inputs twice, as Decimal and as Float64; the same seed gives the same book."""
    draw = random.Random(20221229)  # noqa: S311  # the same book every time
    tables = {
        "positions": (
            {
                "position_id": pl.int_range(positions, eager=True),
                "fund_id": pl.Series([draw.randrange(FUNDS) for _ in range(positions)]),
                "instrument_id": pl.Series([draw.randrange(PRICES) for _ in range(positions)]),
            },
            ("quantity", [draw.randrange(1, 10**11) for _ in range(positions)], QUANTITY_SCALE),
        ),
        "prices": (
            {
                "instrument_id": pl.int_range(PRICES, eager=True),
                "currency": pl.Series([draw.randrange(CURRENCIES) for _ in range(PRICES)]),
            },
            ("price", [draw.randrange(10**6, 10**11) for _ in range(PRICES)], PRICE_SCALE),
        ),
        "rates": (
            {"currency": pl.int_range(CURRENCIES, eager=True)},
            ("rate", [draw.randrange(10**8, 10**11) for _ in range(CURRENCIES)], RATE_SCALE),
        ),
    }
    for name, (keys, (column, digits, scale)) in tables.items():
        numbers = pl.Series(digits, dtype=pl.Int128).reinterpret(dtype=pl.Decimal(38, scale))
        exact = pl.DataFrame(keys | {column: numbers})
        exact.write_parquet(folder / f"{name}.exact.parquet")
        exact.with_columns(pl.col(column).cast(pl.Float64)).write_parquet(
            folder / f"{name}.float.parquet"
        )


def value(folder: Path, kind: str) -> None:
    """Value the book in one arithmetic, Parquet to Parquet."""
    book = _joined(folder, kind)
    if kind == "exact":
        local = product(
            pl.col("quantity"),
            pl.col("price"),
            left_scale=QUANTITY_SCALE,
            right_scale=PRICE_SCALE,
        )
        base = product(pl.col("local"), pl.col("rate"), left_scale=CENTS, right_scale=RATE_SCALE)
        valued = book.with_columns(
            local=round_to(local, CENTS, RoundingMode.HALF_EVEN)
        ).with_columns(base=round_to(base, CENTS, RoundingMode.HALF_EVEN))
        fund_total = total(pl.col("base"), scale=CENTS)
    else:
        valued = book.with_columns(
            local=(pl.col("quantity") * pl.col("price")).round(CENTS)
        ).with_columns(base=(pl.col("local") * pl.col("rate")).round(CENTS))
        fund_total = pl.col("base").sum().round(CENTS)
    positions = collect(valued.select("position_id", BY_FUND, "local", "base"), "positions")
    positions.write_parquet(folder / f"valued.{kind}.parquet")
    funds = collect(positions.lazy().group_by(BY_FUND).agg(fund_total), "funds").sort(BY_FUND)
    funds.write_parquet(folder / f"funds.{kind}.parquet")


def _joined(folder: Path, kind: str) -> pl.LazyFrame:
    positions, prices, rates = (
        pl.scan_parquet(folder / f"{name}.{kind}.parquet")
        for name in ("positions", "prices", "rates")
    )
    priced = positions.join(prices, on="instrument_id", maintain_order="left")
    return priced.join(rates, on="currency", maintain_order="left")


def measured(folder: Path, kind: str) -> dict[str, float]:
    """Run one valuation in a process of its own."""
    command = [sys.executable, __file__, "--only", kind, "--folder", str(folder)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def run_once(folder: Path, kind: str) -> dict[str, float]:
    """CPU and wall seconds of one valuation, and the peak of this process in MB."""
    cpu, wall = time.process_time(), time.perf_counter()
    value(folder, kind)
    return {
        "cpu_s": time.process_time() - cpu,
        "wall_s": time.perf_counter() - wall,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def verified(folder: Path) -> dict[str, int]:
    """Positions and funds whose exact value differs from Python's Decimal, and float's likewise."""
    fifty = Context(prec=50, rounding=ROUND_HALF_EVEN)
    cent = Decimal("0.01")
    expected_funds: dict[int, Decimal] = defaultdict(Decimal)
    wrong = {"exact_positions": 0, "float_positions": 0}
    inputs = collect(_joined(folder, "exact"), "inputs").select(
        BY_FUND, "quantity", "price", "rate"
    )
    results = [_base_values(folder, kind) for kind in ("exact", "float")]
    for row, exact, floating in zip(inputs.iter_rows(), *results, strict=True):
        fund_id, quantity, price, rate = row
        local = fifty.quantize(fifty.multiply(quantity, price), cent)
        base = fifty.quantize(fifty.multiply(local, rate), cent)
        expected_funds[fund_id] = fifty.add(expected_funds[fund_id], base)
        wrong["exact_positions"] += exact != base
        wrong["float_positions"] += floating != base
    for kind in ("exact", "float"):
        funds = pl.read_parquet(folder / f"funds.{kind}.parquet")
        totals = funds.with_columns(pl.col("base").cast(pl.Decimal(38, CENTS))).iter_rows()
        wrong[f"{kind}_funds"] = sum(expected_funds[fund] != base for fund, base in totals)
    return wrong


def _base_values(folder: Path, kind: str) -> pl.Series:
    base = pl.read_parquet(folder / f"valued.{kind}.parquet", columns=["base"])["base"]
    return base.cast(pl.Decimal(38, CENTS))


def bench(positions: int, runs: int) -> dict[str, Any]:
    """Medians over alternating runs, ratios, and what was wrong."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make_book(folder, positions)
        found: dict[str, list[dict[str, float]]] = {"exact": [], "float": []}
        for _ in range(runs):
            for kind, results in found.items():
                results.append(measured(folder, kind))
        wrong = verified(folder)
    medians = {
        kind: {key: median(each[key] for each in results) for key in results[0]}
        for kind, results in found.items()
    }
    return {
        "machine": f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores",
        "polars": pl.__version__,
        "positions": positions,
        "funds": FUNDS,
        "runs": runs,
        **medians,
        "ratio": {key: medians["exact"][key] / medians["float"][key] for key in medians["exact"]},
        "wrong": wrong,
        "floor": {"wall_s": FLOOR_WALL_S, "peak_mb": FLOOR_MB},
    }


def markdown(found: dict[str, Any]) -> str:
    """The result as a table."""
    title = (
        f"{found['positions']:,} positions, {found['funds']} funds, median of {found['runs']} "
        f"runs, Polars {found['polars']}, {found['machine']}"
    )
    lines = [
        title,
        "",
        "| | exact | float64 | ratio | floor |",
        "|---|---|---|---|---|",
    ]
    rows = {"CPU, s": "cpu_s", "wall, s": "wall_s", "peak memory, MB": "peak_mb"}
    for label, key in rows.items():
        numbers = [f"{found[kind][key]:.2f}" for kind in ("exact", "float", "ratio")]
        lines.append(f"| {label} | {' | '.join(numbers)} | {found['floor'].get(key, '')} |")
    wrong = found["wrong"]
    for what in ("positions", "funds"):
        exact, floating = wrong[f"exact_{what}"], wrong[f"float_{what}"]
        lines.append(f"| {what} with a wrong cent | {exact} | {floating} | | 0 |")
    return "\n".join(lines)


def main() -> int:
    """Print the result; exit 1 when the exact NAV has a wrong cent."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--positions", type=int, default=1_000_000)
    parser.add_argument("--only", choices=["exact", "float"], help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.only:
        print(json.dumps(run_once(options.folder, options.only)))
        return 0
    found = bench(options.positions, options.runs)
    print(json.dumps(found, indent=2) if options.json else markdown(found))
    return 1 if found["wrong"]["exact_positions"] or found["wrong"]["exact_funds"] else 0


if __name__ == "__main__":
    sys.exit(main())
