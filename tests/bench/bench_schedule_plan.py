"""A plan of a thousand schedules that are as they should be, against describing each of them.

    python tests/bench/bench_schedule_plan.py [--json] [--schedules N] [--rounds N]

On one embedded server of its own. `listing` is one bare listing, `plan` the plan with reading and
checking the file, `describing` a describe of each, as many at once as the plan would. Figures are
medians over the rounds; ratios are plan to contender.
"""

import argparse
import asyncio
import json
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).parents[1]))

from sample.servers import KillableServer
from schedule_desk import ScheduleDesk
from tenuto.engine.bootstrap import prepare_namespace
from tenuto.engine.connection import Target, connect
from tenuto.testing import eventually
from tenuto.triggers.schedules.plan import AT_ONCE, Deed

ONE = "  '@{n}': {{run: five-steps, input: {{folder: /data/{n}}}, cron: '{minute} 18 * * 1-5'}}\n"


def main() -> None:
    """Prints one line per figure, or one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--schedules", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        figures = asyncio.run(measure(Path(folder), options.schedules, options.rounds))
    if options.json:
        print(json.dumps(figures))
        return
    for name, value in figures.items():
        print(f"{name:22} {value:.3g}")


async def measure(folder: Path, count: int, rounds: int) -> dict[str, float]:
    """Median seconds of each contender, and ratios of the plan to them."""
    server = KillableServer(folder / "server")
    await server.start()
    try:
        client = await connect(Target(address=server.address, origin="embedded"))
        await prepare_namespace(client)
        desk = ScheduleDesk(client, folder)
        text = "schedules:\n" + "".join(ONE.format(n=n, minute=n % 60) for n in range(count))
        await desk.apply(text)

        async def is_listed() -> None:
            assert {each.deed for each in (await desk.plan(text)).values()} == {Deed.UNCHANGED}
            assert len([each async for each in await client.list_schedules()]) == count

        await eventually(is_listed, timeout_s=60)
        return await _rounds(desk, text, count, rounds)
    finally:
        await server.stop()


async def _rounds(desk: ScheduleDesk, text: str, count: int, rounds: int) -> dict[str, float]:
    room = asyncio.Semaphore(AT_ONCE)

    async def describe(number: int) -> None:
        async with room:
            await desk.described(str(number))

    async def listing() -> None:
        assert [each async for each in await desk.client.list_schedules(page_size=1000)]

    async def plan() -> None:
        await desk.plan(text)

    async def describing() -> None:
        await asyncio.gather(*map(describe, range(count)))

    contenders: list[Callable[[], Awaitable[None]]] = [listing, plan, describing]
    seconds: dict[str, list[float]] = {each.__name__: [] for each in contenders}
    for _ in range(rounds):
        for each in contenders:
            begun = time.perf_counter()
            await each()
            seconds[each.__name__].append(time.perf_counter() - begun)
    figures = {name: median(took) for name, took in seconds.items()}
    return {
        **figures,
        "plan to listing": figures["plan"] / figures["listing"],
        "plan to describing": figures["plan"] / figures["describing"],
    }


if __name__ == "__main__":
    main()
