"""`tenuto monitor run`."""

from shlex import quote
from typing import TYPE_CHECKING

import click

from tenuto.cli.options import data_options
from tenuto.cli.output import Output
from tenuto.packs.monitors.commands.options import asked, monitor_argument

if TYPE_CHECKING:
    from tenuto.packs.monitors.models import CheckRecord
    from tenuto.packs.monitors.operations import Monitors


@click.command("run")
@monitor_argument
@click.option(
    "--quiet-check", is_flag=True, help="Tell nobody, keep nothing; waits for the result."
)
@data_options
@click.pass_obj
def command(output: Output, monitor_ref: str, quiet_check: bool) -> None:
    """Check MONITOR now. Prints the id of the check at once; a paused monitor stays paused."""
    if quiet_check:
        _check_quietly(output, monitor_ref)
        return
    found = asked(lambda monitors: monitors.run(monitor_ref))
    output.record(
        found.model_dump(mode="json"),
        lambda console: console.print(found.workflow_id, soft_wrap=True),
    )
    if found.was_running:
        output.note(
            f"It is running already; another check starts when that one has ended. To stop it:"
            f" tenuto cancel {found.workflow_id}"
        )
    else:
        output.note(f"What it finds: tenuto monitor history {quote(monitor_ref)}")


def _check_quietly(output: Output, monitor_ref: str) -> None:
    from tenuto.packs.monitors.commands.pages import print_check

    async def checked(monitors: "Monitors") -> "CheckRecord":
        record: CheckRecord = await (await monitors.run_quietly(monitor_ref)).result()
        return record

    print_check(output, asked(checked))
