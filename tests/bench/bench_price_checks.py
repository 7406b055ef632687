"""What a priced and checked set costs: 50,000 instruments by 5 sources, against bare Polars.

    python tests/bench/bench_price_checks.py [--json] [--runs N] [--instruments N]

Ours is every step between the stored files and the proposed set: reading 250,000 quotes from CSV,
faults, waterfalls with reasons, fair value, all checks against history, sector, and other sources,
levels, exceptions, each table stored as Parquet. The bare equivalent reads the same CSV as
Float64, takes the first usable source by rank, and flags change, spread, and staleness: no
reasons, no evidence, no exact decimals, nothing stored. The floor of 2 s is that of the steps
after reading, on two idle cores; on a busy machine compare the CPU seconds.
"""

import argparse
import json
import random
import sys
import tempfile
import time
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).parents[1]))

import polars as pl

from pricing_desk import DAY, HISTORY, PRIOR, PricingDesk
from tenuto.artifacts.current import use_store
from tenuto.artifacts.store import open_store
from tenuto.packs.finance.pricing.activities.check_prices import check_prices
from tenuto.packs.finance.pricing.activities.check_quotes import check_quotes
from tenuto.packs.finance.pricing.activities.fair_value import fair_value
from tenuto.packs.finance.pricing.activities.select_prices import select_prices
from tenuto.packs.finance.pricing.handoffs import (
    CheckPricesRequest,
    FairValueRequest,
    Pricing,
    SelectPricesRequest,
)
from tenuto.packs.finance.pricing.models import PricingRequest
from tenuto.packs.finance.pricing.policy import PricingPolicy, Source, SourceStep, WaterfallRule

SOURCES = ("S1", "S2", "S3", "S4", "S5")
HEADER = "instrument_id,date,source,field,price\n"
FLOOR_S = 2.0

POLICY = PricingPolicy(
    policy_id="BENCH",
    sources=tuple(Source(source=name, kind="exchange") for name in SOURCES),
    waterfall=(
        WaterfallRule(rule_id="all", steps=tuple(SourceStep(source=name) for name in SOURCES)),
    ),
)


def make_files(instruments: int) -> dict[str, str]:
    """A security master, quotes with planted faults, and 21 days of history."""
    draw = random.Random(20240103)  # noqa: S311  # the same files every time
    names = [f"I{number:06}" for number in range(instruments)]
    master = ["instrument_id,type,currency,sector\n"]
    quotes, history = [HEADER], [HISTORY]
    for number, name in enumerate(names):
        master.append(f"{name},equity,EUR,SECTOR{number % 40}\n")
        base = draw.uniform(5, 500)
        history.append(f"{name},{PRIOR},{base:.4f}\n")
        for source in SOURCES:
            price = base * draw.uniform(0.99, 1.01)
            if draw.random() < 0.001:
                price *= 1.2
            day = PRIOR if draw.random() < 0.001 else DAY
            quotes.append(f"{name},{day},{source},close,{price:.4f}\n")
    return {"instruments": "".join(master), "quotes": "".join(quotes), "history": "".join(history)}


def timed(seconds: dict[str, list[float]], name: str, work: Callable[[], object]) -> object:
    """The result of `work`; how long it took is noted under `name`."""
    began, started = time.process_time(), time.perf_counter()
    done = work()
    seconds.setdefault(name, []).append(time.perf_counter() - started)
    seconds.setdefault(f"{name}_cpu", []).append(time.process_time() - began)
    return done


def ours(desk: PricingDesk, request: PricingRequest, seconds: dict[str, list[float]]) -> int:
    """Every step up to the proposed set; returns the exceptions."""
    began, started = time.process_time(), time.perf_counter()
    inputs = desk.collect(request)
    seconds.setdefault("reading", []).append(time.perf_counter() - started)
    assert inputs.count == 0, inputs.problems[:3]
    pricing = Pricing(policy=POLICY, date=DAY, version=1, inputs=inputs)
    read, started = time.process_time(), time.perf_counter()
    quotes = check_quotes(pricing)
    one = time.perf_counter()
    selected = select_prices(SelectPricesRequest(pricing=pricing, checked=quotes))
    two = time.perf_counter()
    valued = fair_value(FairValueRequest(pricing=pricing, checked=quotes, selected=selected))
    three = time.perf_counter()
    proposed = check_prices(
        CheckPricesRequest(pricing=pricing, checked=quotes, selected=selected, valued=valued)
    )
    four = time.perf_counter()
    for name, took in {
        "check_quotes": one - started,
        "select_prices": two - one,
        "fair_value": three - two,
        "check_prices": four - three,
        "checks": four - started,
        "reading_cpu": read - began,
        "checks_cpu": time.process_time() - read,
    }.items():
        seconds.setdefault(name, []).append(took)
    return proposed.count


def bare(files: dict[str, bytes]) -> int:
    """The same questions in Float64 Polars; returns the flagged instruments."""
    quotes = pl.read_csv(BytesIO(files["quotes"]), try_parse_dates=True)
    prior = pl.read_csv(BytesIO(files["history"]), try_parse_dates=True)
    master = pl.read_csv(BytesIO(files["instruments"]))
    usable = quotes.filter((pl.col("price") > 0) & (pl.col("date") <= DAY)).sort(
        "instrument_id", "source"
    )
    first = usable.unique("instrument_id", keep="first", maintain_order=True)
    spread = (
        usable.join(first, on=["instrument_id", "date"], suffix="_used")
        .group_by("instrument_id")
        .agg(((pl.col("price") - pl.col("price_used")).abs() / pl.col("price_used")).max())
        .rename({"price": "spread"})
    )
    checked = (
        master.join(first, on="instrument_id", how="left")
        .join(prior, on="instrument_id", how="left", suffix="_prior")
        .join(spread, on="instrument_id", how="left")
        .with_columns((pl.col("price") / pl.col("price_prior") - 1).alias("change"))
        .with_columns(pl.col("change").median().over("sector").alias("sector_change"))
    )
    return checked.filter(
        (pl.col("change").abs() > 0.05)
        | (pl.col("spread") > 0.05)
        | (pl.col("date") < DAY)
        | ((pl.col("change") - pl.col("sector_change")).abs() > 0.05)
        | pl.col("price").is_null()
    ).height


def main() -> None:
    """Prints medians and ratios; the first run of each warms up and does not count."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--instruments", type=int, default=50_000)
    given = parser.parse_args()
    files = make_files(given.instruments)
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(folder)
        use_store(store)
        desk = PricingDesk(store)
        request = desk.request(
            files["instruments"], files["quotes"], policy=POLICY, history=files["history"]
        )
        seconds: dict[str, list[float]] = {}
        encoded = {name: text.encode() for name, text in files.items()}
        for _ in range(given.runs + 1):
            exceptions = ours(desk, request, seconds)
            timed(seconds, "bare", lambda: bare(encoded))
        use_store(None)
    medians = {name: round(median(each[1:]), 3) for name, each in seconds.items()}
    record = {
        "instruments": given.instruments,
        "quotes": given.instruments * len(SOURCES),
        "exceptions": exceptions,
        "seconds": medians,
        "checks_against_floor": round(medians["checks"] / FLOOR_S, 2),
        "cpu_against_bare_polars": round(
            (medians["reading_cpu"] + medians["checks_cpu"]) / medians["bare_cpu"], 1
        ),
    }
    print(json.dumps(record, indent=None if given.json else 2))


if __name__ == "__main__":
    main()
