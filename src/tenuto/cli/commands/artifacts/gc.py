"""`tenuto artifacts gc`."""

from datetime import timedelta
from typing import TYPE_CHECKING

import click

from tenuto.cli.options import data_options
from tenuto.cli.output import Output

if TYPE_CHECKING:
    from rich.console import Console


@click.command("gc")
@click.option("--delete", is_flag=True, help="Remove it. Without this, only say what would go.")
@click.option(
    "--min-age-hours",
    type=click.FloatRange(min=2),
    default=24,
    show_default=True,
    help="What is younger stays.",
)
@data_options
@click.pass_obj
def command(output: Output, delete: bool, min_age_hours: float) -> None:
    """Remove what no name and no run of this namespace refers to.

    Reads the history of every run, so it needs the server. Use it only where no other
    namespace writes to the same store.
    """
    import asyncio

    asyncio.run(_collect(output, delete, timedelta(hours=min_age_hours)))


async def _collect(output: Output, delete: bool, min_age: timedelta) -> None:
    import asyncio

    from tenuto.artifacts.garbage import collect_garbage
    from tenuto.cli.references import size
    from tenuto.cli.run_references import referenced_artifacts
    from tenuto.cli.session import open_session
    from tenuto.cli.times import counted
    from tenuto.triggers.gate.resources import of_artifact

    session = await open_session()
    await session.gate.authorize("artifact:delete" if delete else "artifact:read", of_artifact("*"))
    runs, keep = await referenced_artifacts(session.client)
    report = await asyncio.to_thread(
        collect_garbage, session.store, keep, min_age, dry_run=not delete
    )

    def show(console: "Console") -> None:
        verb = "removed" if delete else "would be removed"
        gone = report.removed_blobs + report.removed_partial_files
        freed = size(report.removed_bytes + report.removed_partial_bytes)
        console.print(f"{counted(gone, 'artifact')} {verb} ({freed}).")
        kept = f"{counted(report.kept_blobs, 'artifact')} kept ({size(report.kept_bytes)})"
        console.print(f"{kept}; {counted(runs, 'run')} read.")
        for uri in report.missing:
            console.print(f"✗ a run refers to {uri}, which is not in the store", style="red")

    output.record(report.model_dump(), show)
    if not delete and report.removed_blobs:
        output.note("Nothing was removed; --delete does it.")
