"""What the NAV pack costs: a PDF of 20 pages and a workbook of 100,000 positions.

    python tests/bench/bench_nav_pack.py [--json] [--runs N] [--positions N]

The workbook is compared with the same cells written by bare XlsxWriter: numbers as doubles, no
exact columns, no checks. Each run has a process of its own; CPU and wall time start after the
imports, the peak is the resident memory of the whole process.
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
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

import polars as pl
import xlsxwriter  # type: ignore[import-untyped]

from atlas_nav import nav_result, positions
from tenuto.activities.documents.pdf import render_pdf
from tenuto.activities.documents.workbook import write_workbook
from tenuto.packs.finance.nav.models import NavResult
from tenuto.packs.finance.nav.report.content import TEMPLATE, content
from tenuto.packs.finance.nav.report.sheets import sheets

FLOOR_WALL_S = 6.0
FEES = 500
"""As many rows as fill 20 pages."""


def pdf(folder: Path, result: NavResult, frame: pl.DataFrame) -> None:
    """The PDF with its content made from the result."""
    fees = tuple(result.accruals[0].model_copy(update={"fee_id": f"fee-{i}"}) for i in range(FEES))
    many = result.model_copy(update={"accruals": fees})
    (folder / "pack.pdf").write_bytes(
        render_pdf(TEMPLATE, content(many, "e" * 64, frame), dated=result.date)
    )


def workbook(folder: Path, result: NavResult, frame: pl.DataFrame) -> None:
    """The workbook with all its sheets."""
    path = folder / "pack.xlsx"
    made = sheets(result, "e" * 64, frame)
    write_workbook(path, made, title="Atlas", dated=result.date, beat=lambda _: None)


def bare_workbook(folder: Path, _: NavResult, frame: pl.DataFrame) -> None:
    """One sheet of the same positions, by XlsxWriter alone."""
    with xlsxwriter.Workbook(str(folder / "bare.xlsx"), {"constant_memory": True}) as book:
        page = book.add_worksheet()
        number = book.add_format({"num_format": "#,##0.00"})
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        for at, row in enumerate(frame.iter_rows()):
            for i in (0, 1, 2):
                page.write_string(at, i, row[i] or "")
            for i in (3, 4, 6, 7, 8, 9, 10):
                page.write_number(at, i, float(row[i]), number)
            page.write_datetime(at, 5, row[5], day)


KINDS: dict[str, Callable[[Path, NavResult, pl.DataFrame], None]] = {
    "pdf": pdf,
    "workbook": workbook,
    "bare_workbook": bare_workbook,
}


def measure(kind: str, count: int) -> dict[str, Any]:
    """One run in this process."""
    frame = positions(count)
    result = nav_result(frame)
    with tempfile.TemporaryDirectory() as folder:
        wall, cpu = time.perf_counter(), time.process_time()
        KINDS[kind](Path(folder), result, frame)
        return {
            "wall_s": time.perf_counter() - wall,
            "cpu_s": time.process_time() - cpu,
            "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        }


def run(kind: str, count: int) -> dict[str, Any]:
    """One run in a process of its own."""
    command = [sys.executable, __file__, "--one", kind, "--positions", str(count)]
    answer = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    measured: dict[str, Any] = json.loads(answer)
    return measured


def main() -> None:
    """Prints medians and ratios; with --json, one object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--positions", type=int, default=100_000)
    parser.add_argument("--one", choices=KINDS)
    options = parser.parse_args()
    if options.one:
        print(json.dumps(measure(options.one, options.positions)))
        return
    runs = {kind: [run(kind, options.positions) for _ in range(options.runs)] for kind in KINDS}
    report: dict[str, Any] = {
        kind: {figure: round(median(each[figure] for each in made), 3) for figure in made[0]}
        for kind, made in runs.items()
    }
    report["workbook_to_bare_cpu"] = round(
        report["workbook"]["cpu_s"] / report["bare_workbook"]["cpu_s"], 2
    )
    report["pack_wall_s"] = round(report["pdf"]["wall_s"] + report["workbook"]["wall_s"], 3)
    report["floor_wall_s"] = FLOOR_WALL_S
    report["machine"] = f"{platform.machine()}, {os.cpu_count()} cores, Python {sys.version[:6]}"
    print(json.dumps(report) if options.json else _lines(report))


def _lines(report: dict[str, Any]) -> str:
    return "\n".join(f"{name:22} {value}" for name, value in report.items())


if __name__ == "__main__":
    main()
