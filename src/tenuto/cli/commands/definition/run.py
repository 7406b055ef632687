"""`tenuto definition run`."""

import click

from tenuto.cli.options import data_options, start_options
from tenuto.cli.output import Output


@click.command("run")
@click.argument("definition", metavar="FILE|NAME[:VERSION]")
@click.option("--input", "given", metavar="FILE|-|JSON", help="The input; options of `-f` win.")
@click.option(
    "-f",
    "--field",
    "fields",
    multiple=True,
    metavar="NAME=VALUE",
    help="One field of the input; VALUE is read as YAML unless the schema says that it is text.",
)
@start_options
@data_options
@click.pass_obj
def command(
    output: Output,
    definition: str,
    given: str | None,
    fields: tuple[str, ...],
    workflow_id: str | None,
    asks: bool,
    waits: bool,
    timeout_s: float | None,
    until_waiting: bool,
) -> int:
    """Start a run of a definition, and print its id.

    A file is checked first; with an error nothing starts. A run keeps the plan it started with:
    editing or deploying the definition again changes nothing for it.
    """
    import asyncio

    from tenuto.cli.definitions.running import Wanted, run_definition

    wanted = Wanted(
        definition=definition,
        given=given,
        fields=fields,
        workflow_id=workflow_id,
        asks=asks,
        waits=waits,
        timeout_s=timeout_s,
        until_waiting=until_waiting,
    )
    return asyncio.run(run_definition(wanted, output))
