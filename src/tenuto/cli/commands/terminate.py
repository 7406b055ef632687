"""`tenuto terminate`."""

import click

from tenuto.cli.options import shared_options
from tenuto.cli.output import Output


@click.command("terminate")
@click.argument("run")
@click.option("--reason", required=True, help="Why; it stays in the run's history.")
@shared_options
@click.pass_obj
def command(output: Output, run: str, reason: str) -> None:
    """End RUN now. It does not clean up; `tenuto cancel` lets it.

    RUN is a workflow id, a run id, or the beginning or end of one.
    """
    import asyncio

    asyncio.run(_terminate(output, run, reason))


async def _terminate(output: Output, text: str, reason: str) -> None:
    from tenuto.cli.session import open_session
    from tenuto.engine.runs.resolve import resolve_run

    session = await open_session()
    run = await resolve_run(session.client, text)
    await session.gate.terminate(session.client, run, reason)
    output.note(f"Ended {run}.")
