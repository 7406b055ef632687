"""`tenuto schedule plan`."""

import click

from tenuto.cli.options import data_options
from tenuto.cli.output import Output


@click.command("plan")
@click.option(
    "--set",
    "sets",
    metavar="NAME",
    multiple=True,
    help="Apply what belongs to this set too; by default `[schedules] sets`.",
)
@click.option("--prune", is_flag=True, help="Delete this project's schedules not written any more.")
@click.option("--check-secrets", is_flag=True, help="Fail on secrets that are empty here.")
@data_options
@click.pass_obj
def command(output: Output, sets: tuple[str, ...], prune: bool, check_secrets: bool) -> int:
    """Show what `apply` would change: created, updated, pruned; with the next starts.

    Compares the project's schedules with what the server has, by one listing of it, and changes
    nothing. Schedules that others made are never touched. Exit code 1 where somebody else's
    schedule has the id of one.
    """
    import asyncio

    from tenuto.cli.schedules.planning import Choice, plan_or_apply

    choice = Choice(sets=sets, prune=prune, check_secrets=check_secrets, is_dry=True)
    return asyncio.run(plan_or_apply(choice, output))
