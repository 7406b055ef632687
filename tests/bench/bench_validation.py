"""A million rows and six rules: `validate.schema` and `validate.rules` against other engines.

    .venv/bin/python tests/bench/bench_validation.py [--pandera path/to/python]

Every engine reads the same Parquet, applies the same six rules, and writes the good rows, the rows
set aside, and how often each rule failed. Each run is a process of its own, imports not counted;
the engines alternate.
`raw` is the least that could be written by hand in Polars. pandera is measured where `--pandera`
names the Python of an environment that has `pandera[polars]`.
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
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from statistics import median
from typing import Any

import polars as pl

CURRENCIES = ["EUR", "USD", "GBP", "CHF", "JPY"]
IDENTIFIER = r"^[A-Z]{2}[A-Z0-9]{9}[0-9]$"
FIRST_DAY = date(2026, 1, 1)
FLOOR_WALL_S = 3.0
RULE_FILE = """
version: 1
rules:
  - {id: isin, description: d, check: "matches(isin, '[A-Z]{2}[A-Z0-9]{9}[0-9]')", message: m, remedy: r}
  - {id: currency, description: d, check: "currency in ('EUR', 'USD', 'GBP', 'CHF', 'JPY')", message: m, remedy: r}
  - {id: quantity, description: d, check: "quantity >= 0", message: "{quantity}", remedy: r}
  - {id: price, description: d, check: "price > 0 and price <= 100000", message: "{price}", remedy: r}
  - {id: booked, description: d, check: "booked >= date('2026-01-01')", message: "{booked}", remedy: r}
  - {id: account, description: d, check: "account is not null", message: m, remedy: r}
"""  # noqa: E501


def make_table(path: Path, rows: int) -> None:
    """Positions of which one in two hundred breaks a rule; the same seed gives the same table."""
    draw = random.Random(20260331)  # noqa: S311  # the same table every time
    instruments = [f"US{draw.randrange(10**9, 10**10)}" for _ in range(20_000)]

    def wrong() -> bool:
        return draw.random() < 0.001

    pl.DataFrame(
        {
            "row": range(rows),
            "isin": ["?" if wrong() else draw.choice(instruments) for _ in range(rows)],
            "currency": ["GBX" if wrong() else draw.choice(CURRENCIES) for _ in range(rows)],
            "quantity": [
                Decimal(-1 if wrong() else draw.randrange(10**9)).scaleb(-2) for _ in range(rows)
            ],
            "price": [
                Decimal(0 if wrong() else draw.randrange(1, 10**9)).scaleb(-4) for _ in range(rows)
            ],
            "booked": [
                FIRST_DAY + timedelta(days=-1 if wrong() else draw.randrange(80))
                for _ in range(rows)
            ],
            "account": [None if wrong() else f"A{draw.randrange(500)}" for _ in range(rows)],
        },
        schema_overrides={"quantity": pl.Decimal(38, 2), "price": pl.Decimal(38, 4)},
    ).write_parquet(path, row_group_size=131_072, compression="zstd")


def conditions() -> dict[str, pl.Expr]:
    """The six rules by hand."""
    return {
        "isin": pl.col("isin").str.contains(IDENTIFIER),
        "currency": pl.col("currency").is_in(CURRENCIES),
        "quantity": pl.col("quantity") >= 0,
        "price": (pl.col("price") > 0) & (pl.col("price") <= 100_000),
        "booked": pl.col("booked") >= FIRST_DAY,
        "account": pl.col("account").is_not_null(),
    }


def raw(folder: Path) -> int:
    """Polars by hand, streamed: judged three times rather than held in memory."""
    frame = pl.scan_parquet(folder / "table.parquet")
    fails = {name: ~each.fill_null(value=False) for name, each in conditions().items()}
    is_wrong = pl.any_horizontal(fails.values())
    frame.select(each.sum().alias(name) for name, each in fails.items()).collect(engine="streaming")
    frame.filter(~is_wrong).sink_parquet(folder / "good.parquet", compression="zstd")
    reasons = [pl.when(each).then(pl.lit(name)) for name, each in fails.items()]
    wrong = frame.filter(is_wrong).with_columns(reasons=pl.concat_list(reasons).list.drop_nulls())
    wrong.sink_parquet(folder / "wrong.parquet", compression="zstd")
    return _rows(folder)


def schema(folder: Path) -> int:
    """Our `validate.schema`, through the body and an artifact store."""
    from tenuto.activities.validate.schema import validate_schema
    from tenuto.catalog.library.validate.schema import ColumnSchema, SchemaRequest

    columns = (
        ColumnSchema(name="row", type="integer"),
        ColumnSchema(name="isin", type="text", pattern=IDENTIFIER),
        ColumnSchema(name="currency", type="text", allowed=tuple(CURRENCIES)),
        ColumnSchema(name="quantity", type="decimal", minimum=Decimal(0)),
        ColumnSchema(
            name="price", type="decimal", minimum=Decimal("0.0001"), maximum=Decimal(100_000)
        ),
        ColumnSchema(name="booked", type="date", minimum=FIRST_DAY),
        ColumnSchema(name="account", type="text"),
    )
    return _through_store(
        folder, lambda table: validate_schema(SchemaRequest(table=table, columns=columns))
    )


def rules(folder: Path) -> int:
    """Our `validate.rules`."""
    from tenuto.activities.validate.rules import validate_rules
    from tenuto.catalog.library.validate.rules import RulesRequest

    return _through_store(
        folder, lambda table: validate_rules(RulesRequest(table=table, rules=RULE_FILE))
    )


def dataframely(folder: Path) -> int:
    """dataframely: in memory, for that is how it filters."""
    import dataframely as dy

    made: Any = {
        "row": dy.Int64(),
        "isin": dy.String(regex=IDENTIFIER),
        "currency": dy.String(check=lambda each: each.is_in(CURRENCIES)),
        "quantity": dy.Decimal(38, 2, min=Decimal(0)),
        "price": dy.Decimal(38, 4, min=Decimal("0.0001"), max=Decimal(100_000)),
        "booked": dy.Date(min=FIRST_DAY),
        "account": dy.String(nullable=False),
    }
    wanted: Any = type("Wanted", (dy.Schema,), made)
    good, failed = wanted.filter(pl.read_parquet(folder / "table.parquet"))
    good.write_parquet(folder / "good.parquet")
    failed.counts()
    failed.details().write_parquet(folder / "wrong.parquet")
    return int(good.height)


def pandera(folder: Path) -> int:
    """pandera on Polars, all findings collected; the rows found are then taken out by hand."""
    import pandera.polars as pa  # type: ignore[import-not-found, unused-ignore]

    check = pa.Check
    wanted = pa.DataFrameSchema(
        {
            "row": pa.Column(pl.Int64),
            "isin": pa.Column(str, check.str_matches(IDENTIFIER)),
            "currency": pa.Column(str, check.isin(CURRENCIES)),
            "quantity": pa.Column(pl.Decimal(38, 2), check.ge(Decimal(0))),
            "price": pa.Column(
                pl.Decimal(38, 4), [check.gt(Decimal(0)), check.le(Decimal(100_000))]
            ),
            "booked": pa.Column(pl.Date, check.ge(FIRST_DAY)),
            "account": pa.Column(str, nullable=False),
        }
    )
    frame = pl.read_parquet(folder / "table.parquet")
    wrong = pl.Series([], dtype=pl.Int64)
    try:
        wanted.validate(frame, lazy=True)
    except pa.errors.SchemaErrors as found:
        wrong = found.failure_cases["index"].drop_nulls().unique().cast(pl.Int64)
    is_wrong = pl.col("row").is_in(wrong.implode())
    frame.filter(~is_wrong).write_parquet(folder / "good.parquet")
    frame.filter(is_wrong).write_parquet(folder / "wrong.parquet")
    return _rows(folder)


ENGINES = {each.__name__: each for each in (raw, schema, rules, dataframely, pandera)}


def _rows(folder: Path) -> int:
    return int(pl.scan_parquet(folder / "good.parquet").select(pl.len()).collect().item())


def _through_store(folder: Path, validate: Any) -> int:
    from tenuto.artifacts.current import use_store
    from tenuto.artifacts.store import open_store
    from tenuto.core.references import Dataset

    use_store(open_store(str(folder / "artifacts")))
    table = Dataset.model_validate_json((folder / "table.json").read_text())
    return int(validate(table).good.rows)


def prepare(folder: Path, rows: int) -> None:
    """The table as a file, and the same rows in an artifact store."""
    from tenuto.artifacts.store import open_store

    folder.mkdir(exist_ok=True)
    make_table(folder / "table.parquet", rows)
    store = open_store(str(folder / "artifacts"))
    table = store.put_table(pl.scan_parquet(folder / "table.parquet"), name="table")
    (folder / "table.json").write_text(table.model_dump_json())


def measured(folder: Path, engine: str, python: str) -> dict[str, float]:
    """One run in a process of its own."""
    command = [python, __file__, "--only", engine, "--folder", str(folder)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def run_once(folder: Path, engine: str) -> dict[str, float]:
    """CPU and wall seconds of one validation, and the peak in MB. Imports are paid before, on a
    table of ten rows: a worker pays them once."""
    ENGINES[engine](folder / "small")
    cpu, wall = time.process_time(), time.perf_counter()
    good = ENGINES[engine](folder)
    return {
        "cpu_s": time.process_time() - cpu,
        "wall_s": time.perf_counter() - wall,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "good": good,
    }


def bench(rows: int, runs: int, pandera_python: str | None) -> dict[str, Any]:
    """Medians of alternating runs, and ratios to Polars by hand."""
    pythons = dict.fromkeys(ENGINES, sys.executable) | {"pandera": pandera_python or ""}
    engines = [name for name in ENGINES if pythons[name]]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for place, count in ((folder, rows), (folder / "small", 10)):
            command = [sys.executable, __file__, "--prepare", str(count), "--folder", str(place)]
            subprocess.run(command, check=True)  # not here: a child begins with our peak
        found: dict[str, list[dict[str, float]]] = {engine: [] for engine in engines}
        for _ in range(runs):
            for engine, results in found.items():
                results.append(measured(folder, engine, pythons[engine]))
    medians = {
        engine: {key: median(each[key] for each in results) for key in results[0]}
        for engine, results in found.items()
    }
    return {
        "machine": f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores",
        "polars": pl.__version__,
        "rows": rows,
        "runs": runs,
        "engines": medians,
        "agree": len({each["good"] for each in medians.values()}) == 1,
    }


def markdown(found: dict[str, Any]) -> str:
    """The result as a table."""
    title = (
        f"{found['rows']:,} rows, 6 rules, median of {found['runs']} runs, Polars "
        f"{found['polars']}, {found['machine']}; floor {FLOOR_WALL_S} s"
    )
    lines = [
        title,
        "",
        "| engine | CPU, s | wall, s | peak, MB | CPU, ratio | wall, ratio | good rows |",
        "|---|---|---|---|---|---|---|",
    ]
    base = found["engines"]["raw"]
    for engine, each in found["engines"].items():
        numbers = [f"{each[key]:.2f}" for key in ("cpu_s", "wall_s")] + [f"{each['peak_mb']:.0f}"]
        ratios = [f"{each[key] / base[key]:.2f}" for key in ("cpu_s", "wall_s")]
        lines.append(f"| {engine} | {' | '.join(numbers + ratios)} | {each['good']:.0f} |")
    return "\n".join(lines)


def main() -> int:
    """Print the result; exit 1 when the engines do not agree on the good rows."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--pandera", help="Python of an environment with pandera[polars]")
    parser.add_argument("--prepare", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--only", choices=ENGINES, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.prepare:
        prepare(options.folder, options.prepare)
        return 0
    if options.only:
        print(json.dumps(run_once(options.folder, options.only)))
        return 0
    found = bench(options.rows, options.runs, options.pandera)
    print(json.dumps(found, indent=2) if options.json else markdown(found))
    return 0 if found["agree"] else 1


if __name__ == "__main__":
    sys.exit(main())
