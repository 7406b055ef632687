"""`tenuto demo`: a fund, its files, its NAVs, its reports, in one go."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from tenuto.cli.options import data_options
from tenuto.cli.output import Output

if TYPE_CHECKING:
    from tenuto.cli.demonstration import Show
    from tenuto.cli.platform import Platform
    from tenuto.engine.settings import Settings

DEFAULT = "nav"


class _Demo(click.Command):
    """The command, with what packs can show listed below its options."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Writes a line per demonstration; the plain one comes first."""
        from tenuto.installed import installed_packs

        shown = [(name, line) for pack in installed_packs() for name, _, line in pack.demos]
        with formatter.section("Names"):
            formatter.write_dl([(DEFAULT, "Strike four valuation dates in order."), *shown])


@click.command("demo", cls=_Demo)
@click.argument("name", default=DEFAULT)
@click.option(
    "--folder",
    type=click.Path(path_type=Path, file_okay=False),
    help="Where inputs and reports go; by default `demo` in the state folder.",
)
@click.option("--keep-running", is_flag=True, help="Leave server and workers up until Ctrl-C.")
@data_options
@click.pass_obj
def command(output: Output, name: str, folder: Path | None, keep_running: bool) -> int:
    """Show Tenuto at work on a sample fund: 20 shares, three currencies, three classes.

    Prices and rates of 2022 are real, the holdings are made up. Writes the files, starts Temporal
    and the workers unless they run, prints what came out, and leaves nothing running.
    """
    import asyncio

    from tenuto.cli.demonstration import find_demo
    from tenuto.cli.logs import configure_logging
    from tenuto.engine.settings import load_settings

    configure_logging("error", as_json=False)
    settings = load_settings()
    show = find_demo(settings, name)
    default = "demo" if name == DEFAULT else f"demo-{name}"
    target = folder or settings.state_path / default
    return asyncio.run(_run(output, settings, target, show, keep_running=keep_running))


async def _run(
    output: Output, settings: "Settings", folder: Path, show: "Show", *, keep_running: bool
) -> int:
    import asyncio
    import time

    from tenuto.cli import exit_codes
    from tenuto.cli.platform import on_free_ports, open_platform, serve_until_stopped
    from tenuto.engine.serving import StopRequest

    began = time.monotonic()
    stop = StopRequest()
    stop.listen()
    output.note("Starting Temporal and the workers ...")
    async with open_platform(on_free_ports(settings), joins_running=True) as platform:
        serving = asyncio.create_task(
            serve_until_stopped(settings, platform.workers, stop, platform.started)
        )
        showing = asyncio.create_task(show(platform, folder, output, began))
        await asyncio.wait([serving, showing], return_when=asyncio.FIRST_COMPLETED)
        if not showing.done():
            showing.cancel()
            await serving
            output.note("\nStopped. `tenuto up` lets what was begun go on.")
            return exit_codes.INTERRUPTED
        if showing.exception():
            stop.stop()  # workers drain while there is a server, or they never end
            await serving
        code = showing.result()
        _say_what_now(platform, output, keeps=keep_running)
        if not keep_running:
            stop.stop()
        await serving
    return code


def _say_what_now(platform: "Platform", output: Output, *, keeps: bool) -> None:
    if keeps:
        page = platform.server.ui_url if platform.server else None
        output.note(f"Running until Ctrl-C. Web page: {page or 'none'}")
    elif platform.started:
        output.note("Look again: `tenuto up`, then `tenuto runs` in a second terminal.")
    else:
        output.note("Look again: `tenuto runs`.")
