"""`tenuto definition show`."""

import click

from tenuto.cli.options import data_options
from tenuto.cli.output import Output


@click.command("show")
@click.argument("name", metavar="NAMESPACE/NAME[:VERSION]")
@data_options
@click.pass_obj
def command(output: Output, name: str) -> None:
    """Show one deployed definition: digest, schedule, input, what it calls, and its source.

    Needs no server: definitions are in the artifact store.
    """
    from tenuto.cli.definitions.choice import find_deployed
    from tenuto.cli.definitions.page import draw_definition, full_record, when
    from tenuto.cli.definitions.workplace import open_workplace
    from tenuto.triggers.definition_timetable import timetable_of

    library = open_workplace().library
    found = find_deployed(name, library)
    record = full_record(found, library.source(found.namespace, found.name, found.version))
    schedule = when(timetable_of(found.value))
    output.record(record, lambda console: draw_definition(console, record, schedule))
