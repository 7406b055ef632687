"""`tenuto report`: what reports there are, how they look, what they sent."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tenuto.cli.options import data_options, start_options
from tenuto.cli.output import Output

if TYPE_CHECKING:
    from pydantic import JsonValue
    from rich.console import Console

    from tenuto.packs.reports.previewing import Preview

CHANNELS = ("email", "slack", "teams", "chat", "sms", "webhook", "file")

_name = click.argument("name", metavar="REPORT")
_params = click.option(
    "-p",
    "--params",
    "params",
    multiple=True,
    metavar="NAME=VALUE",
    help="A parameter; may be given several times. By default as the report says.",
)


@click.group("report")
def report() -> None:
    """Send reports: what a query found, by e-mail, chat, text message, webhook, or file."""


@report.command("list")
@data_options
@click.pass_obj
def list_command(output: Output) -> None:
    """List the reports of this project."""
    from tenuto.core.errors import TenutoError
    from tenuto.engine.settings import load_settings
    from tenuto.packs.reports.reading import names_in, read_report

    settings = load_settings()
    folder = settings.root / settings.reports.folder
    rows: list[dict[str, Any]] = []
    for name in names_in(folder):
        try:
            found = read_report(settings, name).report
        except TenutoError as wrong:
            rows.append({"name": name, "problem": str(wrong)})
            continue
        rows.append(
            {
                "name": name,
                "title": found.heading,
                "channels": found.templates.channels,
                "cron": found.cron,
                "description": found.description,
            }
        )
    output.records(rows, lambda console: _draw_list(console, rows))
    if not rows:
        output.note(f"No reports in {folder}. Write one: docs/how-to/write-a-report.md")


@report.command("check")
@click.argument("names", metavar="[REPORT]...", nargs=-1)
@data_options
@click.pass_obj
def check_command(output: Output, names: tuple[str, ...]) -> int:
    """Find what is wrong with reports, without a database and without a server.

    Reads every file, parses every template, and looks at every query. Leaves with 2 when there is
    an error.
    """
    from tenuto.engine.settings import load_settings
    from tenuto.packs.reports.checking import check_reports

    settings = load_settings()
    rows = check_reports(settings, names)
    output.records(rows, lambda console: _draw_checks(console, rows))
    if not rows:
        output.note(f"No reports in {settings.root / settings.reports.folder}.")
    return 2 if any(each["problems"] for each in rows) else 0


@report.command("preview")
@_name
@click.option(
    "--channel",
    "channels",
    type=click.Choice(CHANNELS),
    multiple=True,
    help="By default every channel that the report has a template for.",
)
@_params
@click.option(
    "--to",
    "into",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder for the files; by default previews/REPORT in the state folder.",
)
@click.option("--open", "opens", is_flag=True, help="Print the paths of the files alone.")
@data_options
@click.pass_obj
def preview_command(
    output: Output,
    name: str,
    channels: tuple[Any, ...],
    params: tuple[str, ...],
    into: Path | None,
    opens: bool,
) -> None:
    """Query and render REPORT here, and send nothing.

    Needs no server. What would go out is written to files; pages show their pictures.
    """
    from tenuto.artifacts.store import open_store
    from tenuto.cli.session import authorize_locally
    from tenuto.engine.project import use_settings
    from tenuto.engine.settings import load_settings
    from tenuto.packs.reports.previewing import preview
    from tenuto.triggers.gate.resources import of_artifact

    authorize_locally("artifact:read", of_artifact(f"reports/{name}"))
    settings = load_settings()
    use_settings(settings)
    found = preview(
        settings,
        open_store(settings.artifacts_url),
        name,
        channels,
        _pairs(params),
        due=datetime.now(UTC),  # noqa: TID251 (outside of any run)
        into=into or settings.state_path / "previews" / name,
    )
    rows = [each.model_dump(mode="json") for each in found]
    output.records(rows, lambda console: _draw_previews(console, found, only_paths=opens))


@report.command("run")
@_name
@click.option(
    "--channel",
    required=True,
    type=click.Choice([*CHANNELS, "all"]),
    help="`all` is every channel that the report has a template for.",
)
@_params
@click.option("--send/--no-send", default=True, help="Render and store only, and tell nobody.")
@click.option("--dry-run", is_flag=True, help="Check report and parameters and start nothing.")
@start_options
@data_options
@click.pass_obj
def run_command(
    output: Output,
    name: str,
    channel: str,
    params: tuple[str, ...],
    send: bool,
    dry_run: bool,
    workflow_id: str | None,
    asks: bool,
    waits: bool,
    timeout_s: float | None,
    until_waiting: bool,
) -> int:
    """Run REPORT on the server: query, render, and send it."""
    import asyncio
    import json

    from tenuto.cli.starting import Wanted, check_only, start_run
    from tenuto.engine.settings import load_settings
    from tenuto.packs.reports.catalog import run_report
    from tenuto.packs.reports.checking import check_asked

    given = _pairs(params)
    moment = datetime.now(UTC)  # noqa: TID251 (outside of any run)
    check_asked(load_settings(), name, channel, given, due=moment)
    wanted = Wanted(
        entry=run_report,
        typed={
            "report_name": name,
            "channel": channel,
            "params": json.dumps(given),
            "send": "true" if send else "false",
        },
        file=None,
        workflow_id=workflow_id,
        waits=waits,
        timeout_s=timeout_s,
        until_waiting=until_waiting,
        asks=asks,
    )
    return check_only(wanted, output) if dry_run else asyncio.run(start_run(wanted, output))


@report.command("deliveries")
@click.argument("name", metavar="[REPORT]", required=False)
@click.option(
    "--limit",
    type=click.IntRange(1, 500),
    default=20,
    show_default=True,
    help="How many runs are looked at, the latest first.",
)
@data_options
@click.pass_obj
def deliveries_command(output: Output, name: str | None, limit: int) -> None:
    """Show who got which report when, from the receipts of its runs."""
    import asyncio

    rows = asyncio.run(_deliveries(name, limit))
    output.records(rows, lambda console: _draw_deliveries(console, rows))
    if not rows:
        output.note(
            "No report has gone out yet. Send one: tenuto report run REPORT --channel email"
        )


async def _deliveries(name: str | None, limit: int) -> list[dict[str, Any]]:
    from tenuto.cli.session import open_session
    from tenuto.packs.reports.deliveries import deliveries

    session = await open_session()
    found = await deliveries(session.client, session.gate, name, limit=limit)
    return [each.model_dump() for each in found]


def _pairs(params: tuple[str, ...]) -> "dict[str, JsonValue]":
    pairs = [each.partition("=") for each in params]
    for name, equals, _ in pairs:
        if not equals:
            raise click.BadParameter(f"{name!r} is not NAME=VALUE.", param_hint="--params")
    return {name.strip(): value for name, _, value in pairs}


def _draw_list(console: "Console", rows: list[dict[str, Any]]) -> None:
    from tenuto.cli.tables import table

    if not rows:
        return
    grid = table("report", "title", "channels", "cron", folds=["title", "channels"])
    for row in rows:
        if "problem" in row:
            grid.add_row(row["name"], row["problem"], "", "")
        else:
            grid.add_row(row["name"], row["title"], ", ".join(row["channels"]), row["cron"])
    console.print(grid)


def _draw_checks(console: "Console", rows: list[dict[str, Any]]) -> None:
    for row in rows:
        if not row["problems"]:
            console.print(f"{row['name']}: right; {', '.join(row['channels'])}", soft_wrap=True)
        for problem in row["problems"]:
            console.print(problem, soft_wrap=True)


def _draw_previews(console: "Console", found: "list[Preview]", *, only_paths: bool) -> None:
    from tenuto.cli.tables import heading

    for each in found:
        if not only_paths:
            console.print(heading(f"{each.channel}: {each.subject}"))
            console.print(each.text.rstrip(), soft_wrap=True)
        for file in each.files:
            console.print(str(file), soft_wrap=True)
        if not only_paths:
            console.print()


def _draw_deliveries(console: "Console", rows: list[dict[str, Any]]) -> None:
    from tenuto.cli.tables import table

    if not rows:
        return
    grid = table("at", "report", "channel", "recipient", "outcome", "detail", folds=["detail"])
    for row in rows:
        at = row["at"].astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")
        grid.add_row(
            at, *(row[each] for each in ("report", "channel", "recipient", "outcome", "detail"))
        )
    console.print(grid)
