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
    help="What the call of TASK returns; a sample by default. A function stands for all its calls.",
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
@click.option("--full", is_flag=True, help="Show arguments and answers whole.")
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
    full: bool,
) -> int:
    """Rehearse a definition: the steps in order, with their arguments; nothing is called.

    The interpreter of real runs goes through it in virtual time. Numbered steps would do something
    outside of the run; between them stands the way the run takes. Answers that nobody gave are
    samples made of the catalog's schemas. Needs no server. `--json` has the compiled plan and its
    digest too. Exit code 1 when the run would end with an error.
    """
    from tenuto.cli.definitions.planning import Assumed, plan_definition

    assumed = Assumed(
        given=given, fields=fields, outputs=outputs, decisions=decisions, events=events
    )
    return plan_definition(definition, assumed, output, is_full=full)
