"""What `tenuto demo` does once server and workers run: writes files, strikes, copies reports."""

import asyncio
import functools
import shutil
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tenuto.app import DEMO_STRIKES, DEMO_WORKFLOW, known_packs, project_catalog
from tenuto.cli import exit_codes
from tenuto.cli.demo_page import draw_demo
from tenuto.cli.following import follow_run
from tenuto.cli.output import Output
from tenuto.cli.platform import Platform
from tenuto.cli.problems import draw_problems
from tenuto.cli.session import Session, project_rules
from tenuto.cli.times import span
from tenuto.core.errors import NotFoundError, UsageError
from tenuto.core.pack import resolve
from tenuto.core.references import Document
from tenuto.engine.runs.describe import RunDescription, describe_run
from tenuto.engine.runs.execution import Execution
from tenuto.engine.runs.status import RunStatus
from tenuto.engine.settings import Settings
from tenuto.identity.local import local_principal
from tenuto.triggers.demo import Play, Stage
from tenuto.triggers.fields import read_fields
from tenuto.triggers.gate.gate import Gate
from tenuto.triggers.gate.opening import open_gate

REPORTS = ("pdf", "xlsx", "json_file", "manifest")
"""Which files of a `NavPack` are copied to where a person finds them."""


Show = Callable[[Platform, Path, Output, float], Coroutine[Any, Any, int]]
"""Plays a demonstration and prints what came out; the float is when the command began."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Strike:
    """One NAV of the demo, struck."""

    run: RunDescription
    result: dict[str, Any]
    """The `DailyNavResult` as JSON."""
    reports: tuple[Path, ...]


def find_demo(settings: Settings, name: str) -> Show:
    """How to show the demonstration called `name`.

    Raises NotFoundError for one nobody offers, UsageError for one whose extra is not installed.
    """
    if name == "nav":
        return demonstrate
    offered = {
        known: (pack, play) for pack in known_packs(settings) for known, play, _ in pack.demos
    }
    if name not in offered:
        raise NotFoundError(
            f"There is no demo `{name}`. Valid are {', '.join(['nav', *sorted(offered)])}.",
            code="demo.unknown",
        )
    pack, play = offered[name]
    if not pack.is_installed:
        raise UsageError(
            f"The demo `{name}` calls activities that are not installed here. Install them with"
            f" `pip install 'tenuto[{pack.extra}]'`.",
            code="demo.not-installed",
        )
    return functools.partial(_show_of_pack, resolve(play))


def _gate_of(session: Session, name: str, groups: tuple[str, ...]) -> Gate:
    """Whoever plays a part in a demonstration is taken at its word, on this machine only."""
    who = local_principal(name, groups, address=session.target.address)
    return open_gate(session.settings, who, project_rules(session.settings))


async def _show_of_pack(
    play: Play, platform: Platform, folder: Path, output: Output, began: float
) -> int:
    await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
    _say_start(platform, folder, output)
    stage = Stage(
        client=platform.session.client,
        gate=platform.session.gate,
        gate_of=functools.partial(_gate_of, platform.session),
        store=platform.session.store,
        folder=folder,
        say=output.note,
    )
    played = await play(stage)
    record = {**played.record, "elapsed_s": round(time.monotonic() - began, 2)}
    output.record(record, played.draw)
    output.note(f"\n{record['elapsed_s']:.1f} s, server and workers included.")
    return exit_codes.OK if played.is_as_promised else exit_codes.FAILED


async def demonstrate(platform: Platform, folder: Path, output: Output, began: float) -> int:
    """Strikes every NAV of the demo fund in order and prints what came out.

    `began` is when the command was started, by the monotonic clock. Returns the exit code.
    """
    _say_start(platform, folder, output)
    client = platform.session.client
    # The steps are worth a look while they redraw themselves; as lines they would bury the rest.
    watcher = replace(output, quiet=output.quiet or not output.is_animated)
    strikes: list[Strike] = []
    for files in resolve(DEMO_STRIKES)(folder):
        run = await _start(platform.session, files.fields())
        followed = await follow_run(client, run, watcher)
        ended = await describe_run(client, followed.execution)
        if ended.status is not RunStatus.COMPLETED:
            return _say_failed(ended, output)
        strikes.append(_strike(platform.session, ended, folder))
        output.note(f"✓ {ended.workflow_id} released after {span(ended.elapsed)}")
    elapsed_s = round(time.monotonic() - began, 2)
    output.record(
        {
            "strikes": [_record(strike) for strike in strikes],
            "elapsed_s": elapsed_s,
            "folder": str(folder),
        },
        lambda console: draw_demo(console, [strike.result for strike in strikes]),
    )
    _say_where(strikes, elapsed_s, output)
    return exit_codes.OK


def _say_start(platform: Platform, folder: Path, output: Output) -> None:
    output.note(f"The demo's files are in {_short(folder)}.")
    page = platform.server.ui_url if platform.server else None
    if page:
        output.note(f"Watch it: {page} or, in a second terminal, `tenuto runs`.")
    output.note()


async def _start(session: Session, typed: dict[str, str]) -> Execution:
    entry = project_catalog(session.settings).workflow(DEMO_WORKFLOW)
    request = read_fields(entry, typed, session.store)
    handle = await session.gate.start(session.client, entry, request)
    return Execution(workflow_id=handle.id, run_id=handle.run_id or "")


def _strike(session: Session, ended: RunDescription, folder: Path) -> Strike:
    assert ended.result is not None  # noqa: S101 (the run completed)
    result: dict[str, Any] = ended.result.values[0]
    target = folder / result["date"]
    reports = []
    for field in REPORTS:
        document = Document.model_validate(result["pack"][field])
        with session.store.local_path(document) as source:
            reports.append(Path(shutil.copyfile(source, target / document.name)))
    return Strike(run=ended, result=result, reports=tuple(reports))


def _record(strike: Strike) -> dict[str, Any]:
    return {
        "workflow_id": strike.run.workflow_id,
        "run_id": strike.run.run_id,
        "elapsed_s": strike.run.elapsed,
        "reports": [str(report) for report in strike.reports],
        "result": strike.result,
    }


def _say_failed(ended: RunDescription, output: Output) -> int:
    failure = ended.failure
    cause = failure.line if failure else "why is unknown"
    output.error(f"{ended.workflow_id} ended {ended.status}: {cause}")
    if failure and not output.is_json:
        output.draw(lambda console: draw_problems(console, failure), stderr=True)
    return exit_codes.FAILED


def _say_where(strikes: list[Strike], elapsed_s: float, output: Output) -> None:
    last = strikes[-1]
    output.note()
    output.note("Reports")
    for report in last.reports:
        output.note(f"  {_short(report)}")
    output.note()
    output.note(f"{len(strikes)} NAVs in {elapsed_s:.1f} s, server and workers included.")


def _short(path: Path) -> Path:
    """Relative to here where it lies below."""
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path
