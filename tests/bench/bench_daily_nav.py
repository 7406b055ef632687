"""What durability costs a strike: the whole Daily NAV on the engine against the bare calculation.

    python tests/bench/bench_daily_nav.py [--json] [--positions 10000] [--rounds 3]

Both sides do the same from the same files: read, validate, value, check, prove, write the pack.
The bare side calls the steps one after the other in this process; the other runs them as a
workflow on the embedded server, with its worker in this process. Seconds are medians; a NAV is
never struck twice from equal names, so every round has a fund of its own.
"""

import argparse
import asyncio
import json
import statistics
import sys
import tempfile
import time
from datetime import date
from decimal import Decimal
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from nav_desk import NavDesk
from tenuto.artifacts.current import use_store
from tenuto.artifacts.external import external_storage
from tenuto.artifacts.store import open_store
from tenuto.engine.bootstrap import SEARCH_ATTRIBUTE_TYPES, prepare_namespace
from tenuto.engine.connection import Target, connect
from tenuto.engine.embedded.server import EmbeddedServer
from tenuto.engine.process import leave
from tenuto.engine.registration import load_registration
from tenuto.engine.settings import WorkerSettings
from tenuto.engine.worker import build_workers
from tenuto.packs.finance.models import Fund, ShareClass
from tenuto.packs.finance.nav.activities.render import render_pack
from tenuto.packs.finance.nav.catalog import daily_nav
from tenuto.packs.finance.nav.models import DailyNavRequest
from tenuto.packs.finance.nav.pack import pack
from tenuto.packs.finance.nav.release_handoffs import RenderPackRequest
from tenuto.triggers.start import start

DAY = date(2024, 1, 2)
FX = "date,base,quote,rate\n2024-01-02,EUR,USD,1.0956\n2024-01-02,EUR,GBP,0.8664\n"
CURRENCIES = ("EUR", "USD", "GBP")


def _fund(number: int) -> Fund:
    return Fund(
        fund_id=f"BENCH-{number}",
        name="Bench Fund",
        base_currency="EUR",
        inception=DAY,
        dealing_calendar="WEEKDAYS",
        classes=(
            ShareClass(
                class_id="A",
                currency="EUR",
                launch_date=DAY,
                launch_price=Decimal(100),
                units=Decimal(1_000_000),
            ),
        ),
    )


def _request(desk: NavDesk, number: int, positions: int) -> DailyNavRequest:
    rows = range(positions)
    held = [f"I{i},{(i * 7919) % 9973 + 1},{CURRENCIES[i % 3]}" for i in rows]
    prices = [f"I{i},{DAY},{(i * 104729) % 99991 + 1}.25,{CURRENCIES[i % 3]}" for i in rows]
    return desk.request(
        _fund(number),
        DAY,
        positions="\n".join(["instrument_id,quantity,currency", *held]),
        prices="\n".join(["instrument_id,date,price,currency", *prices]),
        fx=FX,
    )


def _bare(desk: NavDesk, number: int, positions: int) -> tuple[float, Decimal]:
    request = _request(desk, number, positions)
    began = time.perf_counter()
    struck = desk.strike(request)
    render_pack(RenderPackRequest(result=struck.document))
    return time.perf_counter() - began, struck.result.nav


async def measure(positions: int, rounds: int) -> dict[str, list[float]]:
    """Seconds by side."""
    seconds: dict[str, list[float]] = {"bare": [], "workflow": []}
    with tempfile.TemporaryDirectory(prefix="tenuto-bench-") as folder:
        store = open_store(f"{folder}/artifacts")
        use_store(store)
        desk = NavDesk(store)
        server = EmbeddedServer(
            Path(folder) / "state",
            port=0,
            metrics_port=0,
            ui_port=None,
            search_attributes=SEARCH_ATTRIBUTE_TYPES,
        )
        info = await server.start()
        try:
            target = Target(address=info.address, origin="embedded")
            client = await connect(target, external_storage=external_storage(store))
            await prepare_namespace(client)
            workers = build_workers(
                client, load_registration([pack]), WorkerSettings(), is_embedded=True
            )
            (worker,) = [each for each in workers if each.task_queue == "nav"]
            async with worker:
                for number in range(rounds + 1):
                    took, nav = await asyncio.to_thread(_bare, desk, 2 * number, positions)
                    request = await asyncio.to_thread(_request, desk, 2 * number + 1, positions)
                    began = time.perf_counter()
                    handle = await start(client, daily_nav, request)
                    result = await handle.result()
                    if number:  # the first round imports and warms up
                        seconds["bare"].append(took)
                        seconds["workflow"].append(time.perf_counter() - began)
                    assert result.nav == nav
        finally:
            await server.stop()
    return seconds


def main() -> None:
    """Prints medians, the ratio, and the difference."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--positions", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    seconds = asyncio.run(measure(options.positions, options.rounds))
    medians = {side: statistics.median(each) for side, each in seconds.items()}
    report = {
        "positions": options.positions,
        "median_s": {side: round(each, 3) for side, each in medians.items()},
        "ratio": round(medians["workflow"] / medians["bare"], 2),
        "difference_s": round(medians["workflow"] - medians["bare"], 3),
    }
    if options.json:
        print(json.dumps(report))
    else:
        for side, each in medians.items():
            print(f"{side:10} {each:7.2f} s")
        print(f"ratio {report['ratio']}, difference {report['difference_s']} s")
    leave(0)


if __name__ == "__main__":
    main()
