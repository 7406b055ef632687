"""`tenuto definition plan`."""

import click

from tenuto.cli.options import data_options
from tenuto.cli.output import Output


@click.command("plan")
@click.argument("definition", metavar="FILE|NAME[:VERSION]")
@click.option("--input", "given", metavar="FILE|-|JSON", help="The input; a sample by default.")
@click.option("-f", "--field", "fields", multiple=True, metavar="NAME=VALUE", help="As for `run`.")
@click.option(
    "--assume",
    "outputs",
    multiple=True,
    metavar="TASK=JSON",
    help="What the call of TASK returns; a sample by default.",
)
@click.option(
    "--decide",
    "decisions",
    multiple=True,
    metavar="TASK=ACTION",
    help="How the approval TASK is decided; by its first action by default.",
)
@click.option(
    "--event", "events", multiple=True, metavar="FILE|JSON", help="A CloudEvent that comes."
)
@data_options
@click.pass_obj
def command(
    output: Output,
    definition: str,
    given: str | None,
    fields: tuple[str, ...],
    outputs: tuple[str, ...],
    decisions: tuple[str, ...],
    events: tuple[str, ...],
) -> int:
    """Rehearse a definition: the steps in order, with their arguments; nothing is called.

    The interpreter of real runs goes through it in virtual time. Answers that nobody gave are
    samples made of the catalog's schemas. Needs no server. `--json` has the compiled plan and its
    digest too. Exit code 1 when the run would end with an error.
    """
    from tenuto.cli.definition_planning import Assumed, plan_definition

    assumed = Assumed(
        given=given, fields=fields, outputs=outputs, decisions=decisions, events=events
    )
    return plan_definition(definition, assumed, output)
