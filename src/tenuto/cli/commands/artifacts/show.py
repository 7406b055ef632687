"""`tenuto artifacts show`."""

from typing import TYPE_CHECKING, Any

import click

from tenuto.cli.options import data_options
from tenuto.cli.output import Output

if TYPE_CHECKING:
    from rich.console import Console


@click.command("show")
@click.argument("reference", metavar="NAME|URI|SHA256")
@click.option("--rows", type=click.IntRange(0, 1000), default=10, show_default=True)
@data_options
@click.pass_obj
def command(output: Output, reference: str, rows: int) -> None:
    """Show what is stored: size, hash, columns, and how it begins."""
    from tenuto.artifacts.store import open_store
    from tenuto.cli.preview import draw_preview, preview
    from tenuto.cli.references import find_reference, reference_record, size
    from tenuto.cli.session import authorize_locally
    from tenuto.cli.tables import block
    from tenuto.engine.settings import load_settings
    from tenuto.triggers.gate.resources import of_artifact

    authorize_locally("artifact:read", of_artifact(reference))
    store = open_store(load_settings().artifacts_url)
    found = find_reference(store, reference)
    if isinstance(found, str):
        blob = store.stat(found)
        record: dict[str, Any] = {"name": None, "kind": "blob", **blob.model_dump()}
    else:
        record = reference_record(found, reference)
    record["preview"] = preview(store, found, rows)

    def show(console: "Console") -> None:
        facts = {key: value for key, value in record.items() if key not in ("preview", "bytes")}
        console.print(block([*facts.items(), ("size", size(record["bytes"]))]))
        draw_preview(console, record["preview"])

    output.record(record, show)
