"""`tenuto cancel`."""

import click

from tenuto.cli.options import shared_options
from tenuto.cli.output import Output


@click.command("cancel")
@click.argument("run")
@shared_options
@click.pass_obj
def command(output: Output, run: str) -> None:
    """Ask RUN to stop. It may clean up first; its steps are told at their next heartbeat.

    RUN is a workflow id, a run id, or the beginning or end of one.
    """
    import asyncio

    asyncio.run(_cancel(output, run))


async def _cancel(output: Output, text: str) -> None:
    from tenuto.cli.session import open_session
    from tenuto.core.errors import UsageError
    from tenuto.engine.runs.raw import describe_raw
    from tenuto.engine.runs.resolve import resolve_run
    from tenuto.engine.runs.status import RunStatus

    session = await open_session()
    client = session.client
    run = await resolve_run(client, text)
    # The server takes the request for a closed run, too, and nothing comes of it.
    status = RunStatus.from_raw((await describe_raw(client, run)).workflow_execution_info.status)
    if not status.is_open:
        raise UsageError(
            f"Run `{run}` has ended ({status}): there is nothing to stop.", code="runs.closed"
        )
    await session.gate.cancel(client, run)
    output.note(f"Asked {run} to stop. Watch it: tenuto show {run} --follow")
