"""`tenuto demo finance-day`: price, reconcile, and strike one day, and find what was wrong."""

import asyncio
import shutil
from datetime import date
from pathlib import Path
from typing import Any

from tenuto.core.references import Reference
from tenuto.packs.finance.demo.day.desk import answer_exceptions
from tenuto.packs.finance.demo.day.faults import DAY, FAULTS
from tenuto.packs.finance.demo.day.files import write_day
from tenuto.packs.finance.demo.day.found import alarms_of, compared
from tenuto.packs.finance.demo.day.page import draw_day
from tenuto.packs.finance.demo.files import DemoFiles, write_demo
from tenuto.packs.finance.nav.activities.history import read_result
from tenuto.packs.finance.nav.catalog import daily_nav
from tenuto.packs.finance.nav.models import DailyNavResult
from tenuto.triggers.demo import Played, Stage
from tenuto.triggers.fields import pin_documents, read_fields
from tenuto.triggers.start import Handle

_HERE = Path(__file__).parent
_EARLIER = (date(2021, 12, 31), date(2022, 11, 30))
"""Launch and a month end, so that the day rolls forward from something."""


async def play(stage: Stage) -> Played:
    """Strikes two earlier NAVs, then the day with Pricing and two reconciliations as children.

    People's answers to Pricing are given as the desk in `desk.py` would. As promised when every
    fault was found and nothing else was flagged.
    """
    for day in _EARLIER:
        await _strike_plainly(stage, day)
    stage.say(f"{DAY}: pricing, reconciling, and striking together. The desk answers:")
    handle = await stage.gate.start(
        stage.client, daily_nav, await asyncio.to_thread(_request, stage)
    )
    _, result = await asyncio.gather(answer_exceptions(stage, handle), _result(handle))
    alarms = alarms_of(stage.store, result)
    found, missed, false_alarms = compared(FAULTS, alarms)
    record: dict[str, Any] = {
        "date": DAY.isoformat(),
        "seeded": [each.name for each in FAULTS],
        "found": found,
        "missed": missed,
        "false_alarms": false_alarms,
        "nav_id": result.nav_id,
        "nav": str(result.nav),
        "nav_per_unit": {each.class_id: str(each.nav_per_unit) for each in result.classes},
        "packs": await asyncio.to_thread(_copy_packs, stage, result),
    }
    return Played(
        record=record,
        draw=lambda console: draw_day(console, record, FAULTS),
        is_as_promised=not missed and not false_alarms,
    )


async def _strike_plainly(stage: Stage, day: date) -> None:
    files = await asyncio.to_thread(write_demo, stage.folder, day)
    values = await asyncio.to_thread(read_fields, daily_nav, files.fields(), stage.store)
    result = await _result(await stage.gate.start(stage.client, daily_nav, values))
    stage.say(f"✓ {result.nav_id} released: {result.nav:,} {result.base_currency}")


async def _result(handle: Handle) -> DailyNavResult:
    result: DailyNavResult = await handle.result()
    return result


def _request(stage: Stage) -> dict[str, Any]:
    """The input of the day's NAV, as `tenuto run daily-nav --input` would read it."""
    files = write_demo(stage.folder, DAY)
    faulty = write_day(stage.folder / f"{DAY}" / "received")
    values: dict[str, Any] = {
        **_paths(files),
        "pricing": {
            "policy": str(_HERE / "pricing.yaml"),
            "date": DAY,
            "instruments": str(faulty["instruments"]),
            "quotes": [str(faulty["quotes_alpha"]), str(faulty["quotes_beta"])],
            "history": str(faulty["history"]),
        },
        "reconciliations": [
            {
                "rules": str(_HERE / "positions.yaml"),
                "date": DAY,
                "sources": {
                    "book": str(faulty["book_positions"]),
                    "custodian": str(faulty["custodian_positions"]),
                },
            },
            {
                "rules": str(_HERE / "cash.yaml"),
                "date": DAY,
                "fx": str(files.fx),
                "sources": {
                    "ledger": str(faulty["ledger_cash"]),
                    "bank": str(faulty["bank_cash"]),
                },
            },
        ],
    }
    return pin_documents(daily_nav, values, stage.store, Path.cwd())


def _paths(files: DemoFiles) -> dict[str, Any]:
    """Every input of the plain demo but its prices, which Pricing gives."""
    given = {name: str(value) for name, value in vars(files).items()}
    return {**{name: path for name, path in given.items() if name != "prices"}, "date": files.date}


def _copy_packs(stage: Stage, result: DailyNavResult) -> dict[str, list[str]]:
    """Every report of the day, copied to where a person finds it: run -> paths."""
    inputs = read_result(stage.store, result.result).inputs
    runs = sorted(run for run in inputs if run.startswith(("pricing/", "reconciliation/")))
    return {
        run: [
            _copy(stage, run, name, reference)
            for name, reference in stage.store.names(f"{run}/")
            if name.endswith((".pdf", ".xlsx"))
        ]
        for run in (result.nav_id, *runs)
    }


def _copy(stage: Stage, run: str, name: str, reference: Reference) -> str:
    kind = run.split("/")[0] if run.startswith("nav/") else "-".join(run.split("/")[:2])
    target = stage.folder / f"{DAY}" / "reports" / kind / name.rpartition("/")[2]
    target.parent.mkdir(parents=True, exist_ok=True)
    with stage.store.local_path(reference) as source:
        shutil.copyfile(source, target)
    return str(target)
