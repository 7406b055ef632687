"""`tenuto monitor apply`."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from tenuto.cli.options import data_options
from tenuto.cli.output import Output
from tenuto.packs.monitors.commands.options import asked

if TYPE_CHECKING:
    from tenuto.packs.monitors.applying import Planned
    from tenuto.packs.monitors.operations import Monitors


@click.command("apply")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False), required=False)
@click.option("--dry-run", is_flag=True, help="Show what would change; change nothing.")
@click.option("--delete", "deletes", is_flag=True, help="Delete your monitors not in the file.")
@data_options
@click.pass_obj
def command(output: Output, file: Path | None, dry_run: bool, deletes: bool) -> None:
    """Make your monitors what FILE says, by default monitors.yaml of this project.

    \b
    monitors:
      Python release:
        search_query: Is Python 3.15 out?
        condition_description: it is released
        schedule: 6 hours
        notifications: [{type: email, address: ann@example.com}]
    """
    from tenuto.engine.settings import load_settings
    from tenuto.packs.monitors.applying import apply_plan, plan_monitors
    from tenuto.packs.monitors.commands.pages import draw_plan
    from tenuto.packs.monitors.file import read_monitors_file

    settings = load_settings()
    path = file or settings.root / settings.monitors.file
    drafts = read_monitors_file(path, str(file or settings.monitors.file))

    async def applied(monitors: "Monitors") -> "tuple[Planned, ...]":
        planned = await plan_monitors(monitors, drafts, deletes=deletes)
        return planned if dry_run else await apply_plan(monitors, drafts, planned)

    done = asked(applied)
    output.records(
        [each.model_dump(mode="json") for each in done], lambda console: draw_plan(console, done)
    )
    if dry_run:
        output.note("Nothing was changed.")
    left = sum(each.action == "not in the file" for each in done)
    if left:
        output.note(f"{left} not in the file and left alone; `--delete` deletes them.")
