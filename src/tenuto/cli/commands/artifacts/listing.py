"""`tenuto artifacts list`."""

from typing import TYPE_CHECKING

import click

from tenuto.cli.options import data_options
from tenuto.cli.output import Output

if TYPE_CHECKING:
    from rich.console import Console


@click.command("list", epilog="Other verbs: `tenuto artifacts show|get|verify|gc`.")
@click.argument("prefix", default="")
@data_options
@click.pass_obj
def command(output: Output, prefix: str) -> None:
    """List the names that start with PREFIX, and what each is bound to."""
    from tenuto.artifacts.store import open_store
    from tenuto.cli.references import reference_record, size
    from tenuto.cli.session import authorize_locally
    from tenuto.cli.tables import table
    from tenuto.engine.settings import load_settings
    from tenuto.triggers.gate.resources import of_artifact

    authorize_locally("artifact:read", of_artifact(f"{prefix}*"))
    store = open_store(load_settings().artifacts_url)
    found = [reference_record(reference, name) for name, reference in store.names(prefix)]

    def show(console: "Console") -> None:
        drawn = table("Name", "Kind", "Size", "SHA-256", folds="Name", right=("Size",))
        for each in found:
            drawn.add_row(each["name"], each["kind"], size(each["bytes"]), each["sha256"][:12])
        if found:
            console.print(drawn)

    output.records(found, show)
    if not found:
        output.note(f"Nothing in {store.url} is bound to a name{prefix and ' like ' + prefix}.")
