"""`tenuto audit export`."""

from typing import TYPE_CHECKING

import click

from tenuto.cli.options import data_options
from tenuto.cli.output import Output

if TYPE_CHECKING:
    from rich.console import Console

PATIENCE_S = 600.0


@click.command("export")
@click.option(
    "--timeout",
    "timeout_s",
    type=click.FloatRange(min=1),
    default=PATIENCE_S,
    show_default=True,
    metavar="SECONDS",
    help="How long to wait. The export goes on.",
)
@data_options
@click.pass_obj
def command(output: Output, timeout_s: float) -> int:
    """Write what closed since the last export into the ledger, now.

    `tenuto up` does it every `evidence.export_every_s` by itself. Leaves with 7 where the exporter
    found something that somebody has to look at.
    """
    import asyncio

    return asyncio.run(_export(output, timeout_s))


async def _export(output: Output, timeout_s: float) -> int:
    from tenuto.cli import exit_codes
    from tenuto.cli.audit.exporter import ensure_exporter, export_now
    from tenuto.cli.audit.places import project_evidence
    from tenuto.cli.session import open_session
    from tenuto.cli.times import counted
    from tenuto.policy.decision import Resource

    session = await open_session()
    ledger = project_evidence(session.settings).ledger(session.client.namespace)
    await session.gate.authorize("audit:export", Resource(type="Ledger", id=ledger.origin))
    exporter = await ensure_exporter(session.client, session.settings)
    view = await export_now(exporter, patience_s=timeout_s)
    size = view.known.head.size if view.known.head else 0
    record = {
        "ledger": ledger.place.url,
        "records": size,
        "last": view.last.model_dump(mode="json") if view.last else None,
        "alarms": list(view.alarms),
    }

    def show(console: "Console") -> None:
        if view.last:
            runs, tasks = counted(view.last.runs, "run"), counted(view.last.tasks, "task")
            console.print(
                f"Exported {runs}, {tasks}, {counted(view.last.spooled, 'other record')}."
            )
        console.print(f"{ledger.place.url}: {counted(size, 'record')}")
        for alarm in view.alarms:
            console.print(f"✗ {alarm}", style="red")

    output.record(record, show)
    return exit_codes.DIFFERENT if view.alarms else exit_codes.OK
