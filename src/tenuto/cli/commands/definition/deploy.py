"""`tenuto definition deploy`."""

import click

from tenuto.cli.options import data_options
from tenuto.cli.output import Output


@click.command("deploy")
@click.argument("files", metavar="(FILE|FOLDER)...", nargs=-1, required=True)
@click.option("--dry-run", is_flag=True, help="Check and compile; keep and schedule nothing.")
@click.option("--no-schedule", is_flag=True, help="Keep it; leave its schedule as it is.")
@data_options
@click.pass_obj
def command(output: Output, files: tuple[str, ...], dry_run: bool, no_schedule: bool) -> int:
    """Check definitions, keep each under its name and version, and make its schedule.

    A version never changes: the same again is no change, another content is refused. The schedule
    of a definition starts what was deployed last; a version without `schedule` removes it.
    Needs a server only where there is a schedule. Nothing is kept while any file has an error.
    """
    import asyncio

    from tenuto.cli.definitions.deploying import deploy_files

    return asyncio.run(deploy_files(files, output, is_dry=dry_run, with_schedules=not no_schedule))
