"""`tenuto artifacts verify`."""

from typing import TYPE_CHECKING, Any

import click

from tenuto.cli.options import data_options
from tenuto.cli.output import Output

if TYPE_CHECKING:
    from rich.console import Console

    from tenuto.artifacts.store import ArtifactStore


@click.command("verify")
@data_options
@click.pass_obj
def command(output: Output) -> int:
    """Read everything that is stored and compare it with its hash.

    Leaves with 7 when content is damaged, or a name leads to nothing.
    """
    from tenuto.artifacts.store import open_store
    from tenuto.cli import exit_codes
    from tenuto.cli.references import size
    from tenuto.cli.times import counted
    from tenuto.engine.settings import load_settings

    store = open_store(load_settings().artifacts_url)
    totals = store.totals()
    problems = _damaged(store) + _dangling(store)
    record = {
        "store": store.url,
        "blobs": totals.blobs,
        "bytes": totals.bytes,
        "problems": problems,
    }

    def show(console: "Console") -> None:
        for problem in problems:
            console.print(f"✗ {problem['message']}", style="red")
        held = f"{counted(totals.blobs, 'artifact')}, {size(totals.bytes)}"
        console.print(f"{store.url}: {held}, {len(problems) or 'none'} damaged or missing")

    output.record(record, show)
    return exit_codes.DIFFERENT if problems else exit_codes.OK


def _damaged(store: "ArtifactStore") -> list[dict[str, Any]]:
    from tenuto.core.errors import CorruptError

    problems = []
    for blob in store.list_blobs():
        try:
            with store.open(blob.uri):
                pass
        except CorruptError as error:
            problems.append({"code": error.code, "uri": blob.uri, "message": error.message})
    return problems


def _dangling(store: "ArtifactStore") -> list[dict[str, Any]]:
    from tenuto.core.errors import NotFoundError

    problems = []
    for name, reference in store.names():
        try:
            store.stat(reference)
        except NotFoundError as error:
            problems.append({"code": error.code, "name": name, "message": error.message})
    return problems
