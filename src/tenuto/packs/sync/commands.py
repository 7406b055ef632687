"""`tenuto sync`: sources and their loads."""

from typing import TYPE_CHECKING, Any

import click

from tenuto.cli.options import data_options
from tenuto.cli.output import Output
from tenuto.packs.sync.backfill.commands import backfill

if TYPE_CHECKING:
    from pathlib import Path

    from tenuto.engine.settings import Settings
    from tenuto.packs.sync.configuration import SyncFile
    from tenuto.packs.sync.models import LoadRequest

_resources = click.option(
    "-r",
    "--resource",
    "resources",
    multiple=True,
    metavar="NAME",
    help="Only this resource of the source; may be given several times.",
)


@click.group("sync")
def sync() -> None:
    """Load data of other systems into a database or files of yours.

    Sources and destinations stand in sync.yaml:

    \b
    sources:
      orders:
        kind: rest_api
        client_id: acme
        config:
          client: {base_url: "https://api.example.com", paginator: single_page}
          resources: [{name: orders, primary_key: id}]
    """


sync.add_command(backfill)


@sync.command("list")
@data_options
@click.pass_obj
def list_command(output: Output) -> None:
    """List sources: kind, destination, last load, and how their last run stands."""
    import asyncio

    rows = asyncio.run(_overview(None))
    output.records(
        [{key: value for key, value in row.items() if key != "loads"} for row in rows],
        lambda console: _draw_list(console, rows),
    )
    if not rows:
        output.note("No sources yet. Write one into sync.yaml; `tenuto sync --help` has one.")


@sync.command("check")
@data_options
@click.pass_obj
def check(output: Output) -> int:
    """Check sync.yaml in one pass, and that secrets have values here.

    Leaves with 7 when something is wrong.
    """
    from tenuto.cli import exit_codes
    from tenuto.packs.sync.preflight import preflight

    path = _file(_settings())
    content, findings = preflight(path)
    rows = [
        {
            "file": each.file,
            "line": each.line,
            "column": each.column,
            "key": each.key,
            "message": each.message,
        }
        for each in findings
    ]
    output.records(rows, lambda console: console.print("\n".join(map(str, findings))))
    if not findings and content is not None:
        output.note(f"{path}: {len(content.sources)} sources, nothing wrong.")
    return exit_codes.DIFFERENT if findings else exit_codes.OK


@sync.command("run")
@click.argument("source")
@_resources
@click.option("-w", "--wait", "waits", is_flag=True, help="Wait for the end; show progress.")
@click.option("--local", "is_local", is_flag=True, help="Load in this process, without a server.")
@click.option("--dry-run", is_flag=True, help="Ask the source, show the plan; write nothing.")
@data_options
@click.pass_obj
def run(
    output: Output,
    source: str,
    resources: tuple[str, ...],
    waits: bool,
    is_local: bool,
    dry_run: bool,
) -> int:
    """Load what is new in SOURCE now, and print the run's id.

    One run by hand at a time: a second one is refused while the first is open.
    """
    import asyncio

    from tenuto.packs.sync.models import LoadRequest, SyncSourceRequest

    settings = _settings()
    _known(settings, source)
    if dry_run or is_local:
        _allowed_here()
        asked = LoadRequest(source_name=source, resources=resources)
        shown = _plan if dry_run else _load_here
        return asyncio.run(shown(output, settings, asked))
    request = SyncSourceRequest(source_name=source, resources=resources)
    return asyncio.run(_start(output, request, waits))


@sync.command("status")
@click.argument("source", required=False)
@click.option("--cursors", "with_cursors", is_flag=True, help="Ask SOURCE where its cursors stand.")
@data_options
@click.pass_obj
def status(output: Output, source: str | None, with_cursors: bool) -> None:
    """Show the last loads of SOURCE, or of all: when, and rows per table."""
    import asyncio

    if with_cursors and source is None:
        raise click.UsageError("--cursors needs a SOURCE.")
    rows = asyncio.run(_overview(source))
    if source is not None and with_cursors:
        rows[0]["cursors"] = asyncio.run(_cursors(source))
    output.records(rows, lambda console: _draw_status(console, rows))


def _settings() -> "Settings":
    from tenuto.engine.settings import load_settings

    return load_settings()


def _file(settings: "Settings") -> "Path":
    return settings.root / settings.sync.file


def _known(settings: "Settings", source: str | None) -> "SyncFile":
    from tenuto.packs.sync.sources.file import read_sync_file, source_in

    content = read_sync_file(_file(settings))
    if source is not None:
        source_in(content, source)
    return content


def _allowed_here() -> None:
    from tenuto.cli.session import authorize_locally
    from tenuto.packs.sync.catalog import sync_source
    from tenuto.triggers.gate.resources import of_workflow

    authorize_locally("workflow:start", of_workflow(sync_source))


def _now() -> Any:
    from tenuto.engine.runs.moments import now

    return now()


async def _overview(source: str | None) -> list[dict[str, Any]]:
    from tenuto.cli.session import open_session
    from tenuto.core.errors import UnreachableError
    from tenuto.packs.sync.overview import overview

    settings = _settings()
    content = _known(settings, source)
    names = (source,) if source else tuple(content.sources)
    try:
        session = await open_session()
    except UnreachableError:
        return await overview(settings, content, names, None, _now())
    return await overview(settings, content, names, (session.client, session.gate), _now())


async def _cursors(source: str) -> list[dict[str, Any]]:
    from tenuto.packs.sync.overview import cursors

    return await cursors(_settings(), source, _now())


async def _start(output: Output, request: Any, waits: bool) -> int:
    from tenuto.cli.session import open_session, run_url
    from tenuto.cli.starting import Started, Wanted
    from tenuto.engine.runs.execution import Execution
    from tenuto.packs.sync.catalog import sync_source
    from tenuto.packs.sync.manual import MANUAL, REGULAR, start_alone

    session = await open_session()
    handle = await start_alone(
        session.client,
        session.gate,
        sync_source,
        request,
        named=MANUAL.format(request.source_name),
        beside=(REGULAR.format(request.source_name),),
    )
    started = Started(
        wanted=Wanted(
            entry=sync_source,
            typed={},
            file=None,
            workflow_id=handle.id,
            waits=waits,
            timeout_s=None,
            until_waiting=False,
        ),
        session=session,
        run=Execution(workflow_id=handle.id, run_id=handle.run_id or ""),
    )
    if waits:
        from tenuto.cli.waiting import wait_for_end

        return await wait_for_end(started, output)
    started.print_id(output)
    output.note(f"Started. Watch it: {started.watch}")
    url = run_url(session, started.run)
    if url:
        output.note(f"In the browser: {url}")
    return 0


async def _plan(output: Output, settings: "Settings", asked: "LoadRequest") -> int:
    from tenuto.packs.sync.planning import plan_sync

    plan = await plan_sync(settings, asked, now=_now(), heard=output.note)
    output.record(plan.model_dump(mode="json"), lambda console: _draw_plan(console, plan))
    output.note("Nothing was written (--dry-run).")
    return 0


async def _load_here(output: Output, settings: "Settings", asked: "LoadRequest") -> int:
    from tenuto.packs.sync.here import load_here

    done = await load_here(settings, asked, now=_now())
    output.record(done.model_dump(mode="json"), lambda console: _draw_load(console, done))
    return 0


def _draw_list(console: Any, rows: list[dict[str, Any]]) -> None:
    from tenuto.cli.tables import table

    drawn = table("SOURCE", "KIND", "DESTINATION", "LAST LOAD", "ROWS", "STATE", right=("ROWS",))
    for row in rows:
        drawn.add_row(
            row["source"],
            row["kind"],
            row["destination"],
            _when(row["last_load"]) if not row["problem"] else "cannot be read",
            "" if row["rows"] is None else f"{row['rows']:,}",
            row["state"] or "-",
        )
    console.print(drawn)


def _draw_status(console: Any, rows: list[dict[str, Any]]) -> None:
    from tenuto.cli.tables import block, heading

    for row in rows:
        console.print(heading(row["source"]))
        pairs = [(name, row[name]) for name in ("kind", "destination", "dataset", "state", "run")]
        console.print(block([*pairs, ("problem", row["problem"])]))
        for load in row["loads"]:
            told = ", ".join(f"{table} {number:,}" for table, number in load["rows"].items())
            console.print(f"  {load['loaded_at']}  {told or 'no rows'}")
        for each in row.get("cursors", ()):
            told = f"{each['cursor']} from {each['next_from']}" if each["cursor"] else "all rows"
            console.print(f"  {each['table']}: {told}")
        if not row["loads"] and not row["problem"]:
            console.print("  never loaded")


def _draw_plan(console: Any, plan: Any) -> None:
    from tenuto.cli.tables import table

    console.print(f"{plan.source_name} -> {plan.destination}, dataset {plan.dataset}")
    drawn = table("TABLE", "HOW", "KEY", "FROM", "ROWS SEEN")
    for each in plan.resources:
        drawn.add_row(
            each.table,
            each.write_disposition,
            ", ".join(each.primary_key) or "-",
            f"{each.cursor} {each.cursor_from or 'the beginning'}" if each.cursor else "all",
            f"{each.sampled_rows}" if each.is_all else f"{each.sampled_rows}, and more",
        )
    console.print(drawn)


def _draw_load(console: Any, done: Any) -> None:
    for name, number in sorted(done.row_counts.items()):
        console.print(f"{name}: {number:,} rows")
    if not done.row_counts:
        console.print("Nothing new.")
    for warning in done.warnings:
        console.print(f"Warning: {warning}")


def _when(moment: Any) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC" if moment else "never"
