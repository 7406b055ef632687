"""`tenuto schedule apply`."""

import click

from tenuto.cli.options import data_options
from tenuto.cli.output import Output


@click.command("apply")
@click.option(
    "--set",
    "sets",
    metavar="NAME",
    multiple=True,
    help="Apply what belongs to this set too; by default `[schedules] sets`.",
)
@click.option("--prune", is_flag=True, help="Delete this project's schedules not written any more.")
@click.option("--check-secrets", is_flag=True, help="Fail on secrets that are empty here.")
@click.option("--dry-run", is_flag=True, help="Only show, as `plan` does.")
@data_options
@click.pass_obj
def command(
    output: Output, sets: tuple[str, ...], prune: bool, check_secrets: bool, dry_run: bool
) -> int:
    """Make the server's schedules what the file says.

    Creates, updates in place, and with --prune deletes; twice is once. Who paused a schedule finds
    it paused afterwards, and what it ran stays known. Each schedule is done by itself: what fails
    is told, with exit code 1, and another `apply` does the rest.
    """
    import asyncio

    from tenuto.cli.schedules.planning import Choice, plan_or_apply

    choice = Choice(sets=sets, prune=prune, check_secrets=check_secrets, is_dry=dry_run)
    return asyncio.run(plan_or_apply(choice, output))
