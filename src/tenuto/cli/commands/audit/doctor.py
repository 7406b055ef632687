"""`tenuto audit doctor`."""

from typing import TYPE_CHECKING

import click

from tenuto.cli.options import data_options
from tenuto.cli.output import Output

if TYPE_CHECKING:
    from rich.console import Console


@click.command("doctor")
@data_options
@click.pass_obj
def command(output: Output) -> int:
    """Check what the evidence rests on: keys, place, spool, listeners, exporter, retention.

    Writes a small probe into the ledger's place and tries to overwrite and delete it: only a place
    that refuses both (object lock) keeps evidence safe from whoever runs this. Leaves with 7 where
    something is not as it should be.
    """
    import asyncio

    return asyncio.run(_check(output))


async def _check(output: Output) -> int:
    from tenuto.cli import exit_codes
    from tenuto.cli.audit.checks import checks
    from tenuto.cli.audit.places import ask, project_ledger
    from tenuto.engine.settings import load_settings

    settings = load_settings()
    await ask(settings, "audit:read", project_ledger(settings))
    found = await checks(settings)

    def show(console: "Console") -> None:
        for each in found:
            sign, style = {"pass": ("✓", "green"), "warn": ("!", "yellow"), "fail": ("✗", "red")}[
                each.state
            ]
            console.print(f"{sign} {each.what}: {each.found}", style=style)

    output.records([each.model_dump(mode="json") for each in found], show)
    return exit_codes.DIFFERENT if any(each.state == "fail" for each in found) else exit_codes.OK
