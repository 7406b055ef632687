"""`tenuto doctor`."""

from typing import TYPE_CHECKING

import click

from tenuto.cli.options import data_options
from tenuto.cli.output import Output

if TYPE_CHECKING:
    from rich.console import Console

    from tenuto.cli.checks import Check

_LOOKS = {"ok": ("✓", "green"), "warn": ("!", "yellow"), "fail": ("✗", "red")}


@click.command("doctor")
@data_options
@click.pass_obj
def command(output: Output) -> int:
    """Check Python, packages, settings, code, ports, store, keys, server, and workers.

    Leaves with 7 when a check fails; a warning is something that may be meant that way.
    """
    import asyncio

    from tenuto.cli import exit_codes
    from tenuto.cli.checks import Verdict, local_checks
    from tenuto.cli.security_checks import security_checks
    from tenuto.engine.settings import load_settings

    settings = load_settings()
    checks = [*local_checks(settings), *security_checks(settings), *asyncio.run(_ask_server())]
    failed = [check for check in checks if check.verdict is Verdict.FAIL]
    output.records(
        [
            {
                "name": check.name,
                "verdict": check.verdict.value,
                "found": check.found,
                "remedy": check.remedy or None,
            }
            for check in checks
        ],
        lambda console: _draw(console, checks),
    )
    return exit_codes.DIFFERENT if failed else exit_codes.OK


async def _ask_server() -> "list[Check]":
    from tenuto.cli.server_checks import server_checks
    from tenuto.engine.settings import load_settings

    return [check async for check in server_checks(load_settings())]


def _draw(console: "Console", checks: "list[Check]") -> None:
    from rich.table import Table
    from rich.text import Text

    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(no_wrap=True)
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    for check in checks:
        shape, style = _LOOKS[check.verdict.value]
        told = Text(check.found)
        if check.remedy:
            told.append(f"\n→ {check.remedy}", style="cyan")
        grid.add_row(Text(f"{shape} {check.verdict.value}", style=style), check.name, told)
    console.print(grid)
    counts = {word: sum(c.verdict.value == word for c in checks) for word in ("fail", "warn")}
    console.print()
    if counts["fail"]:
        console.print(Text(f"{counts['fail']} to repair, {counts['warn']} to look at.", "red"))
    elif counts["warn"]:
        console.print(Text(f"It works; {counts['warn']} to look at.", "yellow"))
    else:
        console.print(Text("Everything is in order.", "green"))
