"""`tenuto show`: one run on one page."""

import click

from tenuto.cli.options import data_options
from tenuto.cli.output import Output


@click.command("show")
@click.argument("run")
@click.option("--follow", is_flag=True, help="Watch it until it ends.")
@click.option("--payloads", is_flag=True, help="With inputs and results, decoded.")
@data_options
@click.pass_obj
def command(output: Output, run: str, follow: bool, payloads: bool) -> int:
    """Show RUN: its steps with attempts, errors and progress, and what it waits for.

    RUN is a workflow id, a run id, or the beginning or end of one. With --follow the result is
    printed at the end, and the exit code tells how the run ended.
    """
    import asyncio

    return asyncio.run(_show(output, run, follow, payloads))


async def _show(output: Output, text: str, follow: bool, payloads: bool) -> int:
    from tenuto.cli import exit_codes
    from tenuto.cli.following import follow_run
    from tenuto.cli.redacted_page import redacted
    from tenuto.cli.run_page import draw_page, page_record, read_page
    from tenuto.cli.session import open_session
    from tenuto.engine.runs.resolve import resolve_run
    from tenuto.policy.redaction import hidden_paths

    session = await open_session()
    run = await resolve_run(session.client, text)
    allowed = await session.gate.authorize_reading(session.client, run, hides=True)
    if follow:
        run = (await follow_run(session.client, run, output)).execution
    page = await read_page(session, run, with_payloads=payloads)
    page = redacted(page, hidden_paths(allowed))
    output.record(page_record(page), lambda console: draw_page(console, page, with_result=follow))
    return exit_codes.of_run(page.run.status) if follow else exit_codes.OK
