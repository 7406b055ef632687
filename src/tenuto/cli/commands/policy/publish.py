"""`tenuto policy publish`."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from tenuto.cli.options import data_options
from tenuto.cli.output import Output

if TYPE_CHECKING:
    from rich.console import Console


@click.command("publish")
@click.argument("folder", type=click.Path(path_type=Path), required=False)
@click.option("-m", "--reason", default="", help="Why; it stays in the audit trail.")
@data_options
@click.pass_obj
def command(output: Output, folder: Path | None, reason: str) -> None:
    """Put the rules of FOLDER in force, from one moment to the next.

    They have to load and their tests to pass, and the rules in force have to allow you
    `policy:publish`. From the first time on, edits in the folder change nothing until they are
    published. Running workers of this machine follow within seconds.
    """
    import asyncio

    from tenuto.cli.policies.publishing import publish
    from tenuto.engine.settings import load_settings

    done = asyncio.run(publish(load_settings(), folder, reason))

    def show(console: "Console") -> None:
        told = f"in force: {done.new}" if done.is_new else f"in force already: {done.new}"
        console.print(told, soft_wrap=True)

    record = {"old": done.old, "new": done.new, "files": done.name, "published": done.is_new}
    output.record(record, show)
