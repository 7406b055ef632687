"""`tenuto runs`: the runs of the namespace, filtered."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from tenuto.cli.commands.cancel import command as cancel
from tenuto.cli.commands.show import command as show
from tenuto.cli.commands.terminate import command as terminate
from tenuto.cli.lazy import DefaultGroup
from tenuto.cli.options import data_options
from tenuto.cli.output import Output

if TYPE_CHECKING:
    from tenuto.engine.runs.query import RunFilter

STATUSES = (
    *("running", "paused", "completed", "failed", "canceled", "terminated", "timed-out"),
    "continued-as-new",
)


@click.group(
    "runs",
    cls=DefaultGroup,
    default="list",
    commands={"show": show, "cancel": cancel, "terminate": terminate},
)
def command() -> None:
    """List runs; `runs show|cancel|terminate RUN` are the commands of the same name."""


@command.command("list")
@click.option("--status", type=click.Choice(STATUSES), help="Only runs that stand there.")
@click.option("--type", "kind", metavar="NAME", help="Catalog name or Temporal workflow type.")
@click.option("--subject", metavar="TEXT", help="What the run is about, for example a fund.")
@click.option(
    "--date",
    "business_date",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="YYYY-MM-DD",
    help="The day the run is for.",
)
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True)
@data_options
@click.pass_obj
def list_command(output: Output, /, limit: int, **filters: Any) -> None:
    """List runs, open ones first, then the latest closed ones.

    A run shows up about a second after it started or changed.
    """
    import asyncio

    asyncio.run(_list(output, limit, filters))


async def _list(output: Output, limit: int, filters: dict[str, Any]) -> None:
    from tenuto.cli.run_tables import draw_runs, run_record
    from tenuto.cli.session import open_session
    from tenuto.engine.runs.listing import PAGE_SIZE, RunSummary, count_runs, list_runs
    from tenuto.triggers.gate.resources import of_summary

    session = await open_session()
    wanted = _filter(**filters)
    runs: list[RunSummary] = []
    mark: str | None = None
    while len(runs) < limit:
        size = min(PAGE_SIZE, limit - len(runs))
        page = await list_runs(session.client, wanted, page=mark, page_size=size)
        runs += await session.gate.readable("run:read", page.runs, of_summary)
        mark = page.next_page
        if mark is None:
            break
    output.records(map(run_record, runs), lambda console: draw_runs(console, runs))
    if not runs:
        output.note("No runs." if wanted == type(wanted)() else "No run matches.")
    elif mark is not None:
        total = sum((await count_runs(session.client, wanted)).values())
        output.note(f"{len(runs)} of {total} runs; --limit shows more.")


def _filter(
    status: str | None, kind: str | None, subject: str | None, business_date: datetime | None
) -> "RunFilter":
    from tenuto.engine.runs.query import RunFilter
    from tenuto.engine.runs.status import RunStatus

    is_type = bool(kind) and str(kind)[0].isupper()
    return RunFilter(
        status=RunStatus(status) if status else None,
        type_name=kind if is_type else None,
        entry=None if is_type else kind,
        subject=subject,
        business_date=business_date.date() if business_date else None,
    )
