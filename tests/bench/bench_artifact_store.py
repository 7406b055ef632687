"""What the artifact store costs over writing the same files by hand.

    python tests/bench/bench_artifact_store.py [--json] [--rounds N] [--folder PATH]

By hand means `write_bytes` and SHA-256, and `read_bytes` and SHA-256. "Flushed" adds what the
store also does: fsync of the file and of its directory. Tables are compared with polars and the
same Parquet options; "hashed" adds SHA-256 of the file. In each round every contender has its
turn, each round starting with the next one, in the same folder; figures are medians over the
rounds, ratios are store to contender (below 1: the store is quicker).
"""

import argparse
import hashlib
import json
import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from statistics import median

import polars as pl

from tenuto.artifacts.store import ArtifactStore, open_store

ROWS = 1_000_000
SIZES = {"4_KiB": (4 << 10, 100), "256_KiB": (256 << 10, 50), "16_MiB": (16 << 20, 3)}

Seconds = dict[str, float]


def main() -> None:
    """Prints one line per comparison, or one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--folder", help="where to measure; a temporary folder by default")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        figures = measure(Path(folder), options.rounds)
    if options.json:
        print(json.dumps({"machine": machine(), "rounds": options.rounds, "figures": figures}))
        return
    print(f"{machine()}, {options.rounds} rounds")
    for name, figure in figures.items():
        print(f"{name:14}", "  ".join(f"{key} {value:.4g}" for key, value in figure.items()))


def measure(folder: Path, rounds: int) -> dict[str, Seconds]:
    """Per comparison: median seconds of each contender, and ratios of the store to them."""
    store = open_store(str(folder / "store"))
    figures: dict[str, Seconds] = {}
    for label, (size, count) in SIZES.items():
        puts, gets = zip(
            *(round_of_bytes(store, folder, size, count, n) for n in range(rounds)), strict=True
        )
        figures[f"put {label}"] = summary(puts)
        figures[f"get {label}"] = summary(gets)
    puts, gets = zip(*(round_of_tables(store, folder, n) for n in range(rounds)), strict=True)
    figures["put_table 1M"] = summary(puts)
    figures["get_table 1M"] = summary(gets)
    return figures


def round_of_bytes(
    store: ArtifactStore, folder: Path, size: int, count: int, n: int
) -> tuple[Seconds, Seconds]:
    """Seconds per file, written and then read, by each contender."""
    contents = [os.urandom(size) for _ in range(count)]
    plain = [folder / f"plain-{n}" for n in range(count)]
    flushed = [folder / f"flushed-{n}" for n in range(count)]
    uris = [f"artifact://{hashlib.sha256(data).hexdigest()}" for data in contents]
    puts = timed_in_turn(
        n,
        store=lambda: [store.put_bytes(d, name="d", media_type="x/y") for d in contents],
        by_hand=lambda: list(map(write_by_hand, plain, contents)),
        flushed=lambda: list(map(write_flushed, flushed, contents)),
    )
    gets = timed_in_turn(
        n,
        store=lambda: [store.get_bytes(uri) for uri in uris],
        by_hand=lambda: list(map(read_by_hand, plain)),
    )
    for path in plain + flushed:
        path.unlink()
    return each(puts, count), each(gets, count)


def round_of_tables(store: ArtifactStore, folder: Path, n: int) -> tuple[Seconds, Seconds]:
    """Seconds for a table of a million rows, written and then read."""
    frame = table(n)
    path = folder / "table.parquet"
    puts = timed_in_turn(
        n,
        store=lambda: store.put_table(frame, name="t"),
        by_hand=lambda: write_table_by_hand(frame, path),
    )
    kept = store.put_table(frame, name="t")
    gets = timed_in_turn(
        n,
        store=lambda: store.get_table(kept),
        by_hand=lambda: pl.read_parquet(path),
        hashed=lambda: (read_by_hand(path), pl.read_parquet(path)),
    )
    return puts, gets


def table(n: int) -> pl.DataFrame:
    """A million positions, different for each `n`."""
    return pl.DataFrame({"row": range(ROWS)}).with_columns(
        isin=pl.format("XS{}", pl.col("row") * 31 % 5000),
        quantity=(pl.col("row") * 7919 + n) % 100_000,
        price=((pl.col("row") * 104_729 + n) % 10_000_000 / 10_000).cast(pl.Decimal(38, 10)),
        weight=pl.col("row").hash(n) / 2**64,
    )


def write_table_by_hand(frame: pl.DataFrame, path: Path) -> None:
    """Parquet with the store's options."""
    frame.write_parquet(path, compression="zstd", compression_level=3, row_group_size=131_072)


def write_by_hand(path: Path, data: bytes) -> None:
    """Hashes and writes, as a script would."""
    hashlib.sha256(data).hexdigest()
    path.write_bytes(data)


def write_flushed(path: Path, data: bytes) -> None:
    """Hashes and writes, and survives a power cut."""
    write_by_hand(path, data)
    for flushed in (path, path.parent):
        descriptor = os.open(flushed, os.O_RDONLY)
        os.fsync(descriptor)
        os.close(descriptor)


def read_by_hand(path: Path) -> str:
    """Reads and hashes."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def timed_in_turn(first: int, **contenders: Callable[[], object]) -> Seconds:
    """Seconds that each contender takes, starting with the one at `first`."""
    names = list(contenders)
    seconds: Seconds = {}
    for n in range(len(names)):
        name = names[(first + n) % len(names)]
        start = time.perf_counter()
        contenders[name]()
        seconds[f"{name}_s"] = time.perf_counter() - start
    return {f"{name}_s": seconds[f"{name}_s"] for name in names}


def each(seconds: Seconds, count: int) -> Seconds:
    """Seconds per file."""
    return {key: value / count for key, value in seconds.items()}


def summary(rounds: tuple[Mapping[str, float], ...]) -> Seconds:
    """Medians, and the store's median over each other's."""
    medians = {key: median(each[key] for each in rounds) for key in rounds[0]}
    ratios = {
        f"to_{key.removesuffix('_s')}": medians["store_s"] / seconds
        for key, seconds in medians.items()
        if key != "store_s"
    }
    return {key: round(value, 6) for key, value in {**medians, **ratios}.items()}


def machine() -> str:
    """Where this was measured."""
    return f"{platform.machine()}, {os.cpu_count()} cores, Python {sys.version.split()[0]}"


if __name__ == "__main__":
    main()
