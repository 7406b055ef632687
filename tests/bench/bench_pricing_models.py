"""What pricing costs: 10,000 bonds from clean price to yield and accrued interest, and options.

    python tests/bench/bench_pricing_models.py [--json] [--runs N] [--bonds N]

The bonds go Parquet to Parquet through the body of `calculate.bond`, in a process of its own per
run, five conventions mixed, with price, durations, convexity and DV01. Then QuantLib alone finds
yield and accrued interest of the same bonds in the same process: the ratio of CPU is what
contracts, decimals, tables, and the further figures cost. Options are priced one by one through
`calculate.option`, sensitivities included. Times start after the imports.
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
from datetime import date, timedelta
from decimal import Decimal
from statistics import median
from typing import Any

import polars as pl
import QuantLib as ql  # type: ignore[import-untyped]  # noqa: N813

from tenuto.activities.calculate.bond import price_bonds
from tenuto.activities.calculate.option import price_options
from tenuto.artifacts.current import use_store
from tenuto.artifacts.store import open_store
from tenuto.catalog.library.calculate.bonds import BondRequest
from tenuto.catalog.library.calculate.options import OptionRequest

FLOOR_WALL_S = 2.0
CONVENTIONS = ("us-street", "us-treasury", "us-corporate", "uk-gilt", "icma-annual")
SETTLEMENT = date(2026, 3, 16)


def make_bonds(count: int) -> pl.DataFrame:
    """Bonds of 1 to 30 years, coupons of 1 % to 8 %, prices of 85 to 115."""
    numbers = range(count)
    return pl.DataFrame(
        {
            "bond_id": [f"BOND{n:06}" for n in numbers],
            "convention": [CONVENTIONS[n % len(CONVENTIONS)] for n in numbers],
            "settlement": [SETTLEMENT] * count,
            "maturity": [SETTLEMENT + timedelta(days=366 + n * 7919 % 10_500) for n in numbers],
            "coupon_rate": [Decimal(100 + n * 31 % 700).scaleb(-4) for n in numbers],
            "clean_price": [Decimal(85_000 + n * 613 % 30_000).scaleb(-3) for n in numbers],
        }
    )


def run_once(count: int) -> dict[str, float]:
    """Seconds of each kind in this process, and its peak memory in MB."""
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(folder)
        use_store(store)
        bonds = make_bonds(count)
        table = store.put_table(bonds, name="bonds")
        price_bond_alone(bonds.row(0, named=True))  # imports, calendars
        wall, cpu = time.perf_counter(), time.process_time()
        priced = price_bonds(BondRequest(table=table)).table
        through_us = time.perf_counter() - wall
        cpu_s = time.process_time() - cpu
        assert priced is not None
        assert priced.rows == count
        cpu = time.process_time()
        for row in bonds.iter_rows(named=True):
            price_bond_alone(row)
        alone_cpu_s = time.process_time() - cpu
    return {
        "bonds_s": through_us,
        "bonds_cpu_s": cpu_s,
        "quantlib_cpu_s": alone_cpu_s,
        **options(),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def price_bond_alone(row: dict[str, Any]) -> tuple[float, float]:
    """Yield and accrued interest as a script would ask QuantLib for them."""
    is_annual = row["convention"] == "icma-annual"
    frequency = ql.Annual if is_annual else ql.Semiannual
    maturity = ql.Date(row["maturity"].day, row["maturity"].month, row["maturity"].year)
    settlement = ql.Date(SETTLEMENT.day, SETTLEMENT.month, SETTLEMENT.year)
    calendar = ql.NullCalendar()
    years = row["maturity"].year - SETTLEMENT.year + 2
    schedule = ql.Schedule(
        maturity - ql.Period(years, ql.Years),
        maturity,
        ql.Period(frequency),
        calendar,
        ql.Unadjusted,
        ql.Unadjusted,
        ql.DateGeneration.Backward,
        not is_annual,
    )
    day_count = ql.ActualActual(ql.ActualActual.ISMA)
    bond = ql.FixedRateBond(0, 100.0, schedule, [float(row["coupon_rate"])], day_count)
    price = ql.BondPrice(float(row["clean_price"]), ql.BondPrice.Clean)
    rate = ql.BondFunctions.bondYield(
        bond, price, day_count, ql.Compounded, frequency, settlement, 1e-13, 200, 0.05
    )
    return rate, ql.BondFunctions.accruedAmount(bond, settlement)


def options() -> dict[str, float]:
    """Seconds per option by exercise and method, sensitivities included."""
    found = {}
    for name, count in (
        ("european", 1000),
        ("barone-adesi-whaley", 200),
        ("binomial", 10),
        ("finite-difference", 5),
    ):
        more = {} if name == "european" else {"exercise": "american", "method": name}
        asked = OptionRequest.model_validate(
            {
                "options": [
                    {
                        "option_id": str(n),
                        "model": "black-scholes-merton",
                        "kind": "put",
                        "underlying": "100",
                        "strike": str(90 + n % 20),
                        "years": "1",
                        "rate": "0.05",
                        "volatility": "0.2",
                        **more,
                    }
                    for n in range(count)
                ]
            }
        )
        wall = time.perf_counter()
        price_options(asked)
        found[f"{name}_ms"] = (time.perf_counter() - wall) / count * 1000
    return found


def bench(count: int, runs: int) -> dict[str, Any]:
    """Medians over runs, each in a process of its own."""
    command = [sys.executable, __file__, "--once", "--bonds", str(count)]
    results: list[dict[str, float]] = [
        json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        for _ in range(runs)
    ]
    found = {key: median(each[key] for each in results) for key in results[0]}
    return {
        "machine": f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores",
        "quantlib": ql.__version__,
        "bonds": count,
        "runs": runs,
        **found,
        "ratio": found["bonds_cpu_s"] / found["quantlib_cpu_s"],
        "floor_s": FLOOR_WALL_S,
    }


def markdown(found: dict[str, Any]) -> str:
    """The result as a table."""
    title = (
        f"{found['bonds']:,} bonds, median of {found['runs']} runs, QuantLib {found['quantlib']}, "
        f"{found['machine']}"
    )
    lines = [
        title,
        "",
        "| | measured | floor |",
        "|---|---|---|",
        f"| bonds, Parquet to Parquet, wall s | {found['bonds_s']:.2f} | {found['floor_s']} |",
        f"| the same, CPU s | {found['bonds_cpu_s']:.2f} | |",
        f"| yield and accrued by QuantLib alone, CPU s | {found['quantlib_cpu_s']:.2f} | |",
        f"| ratio of CPU | {found['ratio']:.2f} | |",
        f"| peak memory, MB | {found['peak_mb']:.0f} | |",
    ]
    methods = ("european", "barone-adesi-whaley", "binomial", "finite-difference")
    lines += [f"| one option, {name}, ms | {found[f'{name}_ms']:.2f} | |" for name in methods]
    return "\n".join(lines)


def main() -> int:
    """Print the result; exit 1 when the bonds take longer than the floor."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--bonds", type=int, default=10_000)
    parser.add_argument("--once", action="store_true", help=argparse.SUPPRESS)
    options_given = parser.parse_args()
    if options_given.once:
        print(json.dumps(run_once(options_given.bonds)))
        return 0
    found = bench(options_given.bonds, options_given.runs)
    print(json.dumps(found, indent=2) if options_given.json else markdown(found))
    return 0 if found["bonds_s"] <= FLOOR_WALL_S else 1


if __name__ == "__main__":
    sys.exit(main())
