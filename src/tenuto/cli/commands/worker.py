"""`tenuto worker`: workers only, for a server that runs elsewhere."""

import click

from tenuto.cli.options import log_options, shared_options


@click.command("worker")
@click.option("--queue", "queues", multiple=True, help="Only this task queue; repeatable.")
@log_options(level="info")
@shared_options
def command(queues: tuple[str, ...], log_level: str, json_logs: bool) -> None:
    """Run the workers of every pack and module of this project.

    SIGTERM or Ctrl-C lets running activities finish first; a second one does not wait.
    """
    import asyncio

    from tenuto.cli.logs import configure_logging

    configure_logging(log_level, as_json=json_logs)
    asyncio.run(_work(queues))


async def _work(queues: tuple[str, ...]) -> None:
    from tenuto.cli.platform import build_project_workers, serve_until_stopped
    from tenuto.cli.session import open_session
    from tenuto.engine.serving import StopRequest

    stop = StopRequest()
    stop.listen()
    session = await open_session()
    workers = build_project_workers(session, queues)
    await serve_until_stopped(session.settings, workers, stop)
