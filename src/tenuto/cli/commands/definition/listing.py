"""`tenuto definition list`."""

import click

from tenuto.cli.options import data_options
from tenuto.cli.output import Output


@click.command("list")
@click.option("--namespace", metavar="NAME", help="Only definitions of that namespace.")
@data_options
@click.pass_obj
def command(output: Output, namespace: str | None) -> None:
    """List deployed definitions, every version of each.

    Needs no server: definitions are in the artifact store.
    """
    from tenuto.cli.definitions.page import draw_list, summary
    from tenuto.cli.definitions.workplace import open_workplace

    library = open_workplace().library
    found = library.list(namespace)
    if not found:
        where = f" in namespace {namespace}" if namespace else ""
        output.note(f"No definition is deployed{where}. `tenuto definition deploy FILE` does it.")
    if found or output.is_json:
        output.records(map(summary, found), lambda console: draw_list(console, found))
