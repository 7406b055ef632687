"""`tenuto triggers serve`: the receiver alone."""

import click

from tenuto.cli.options import data_options, log_options
from tenuto.cli.output import Output


@click.command("serve")
@click.option("--host", help="Address to listen on; 0.0.0.0 is every one of this machine.")
@click.option("--port", type=click.IntRange(0, 65535), help="Port; 0 takes a free one.")
@log_options(level="info")
@data_options
@click.pass_obj
def command(
    output: Output, host: str | None, port: int | None, log_level: str, json_logs: bool
) -> None:
    """Receive webhooks and events, and start what they ask for.

    SIGTERM or Ctrl-C finishes the deliveries that have begun; a second one does not wait. TLS is
    the business of the proxy in front.
    """
    import asyncio

    from tenuto.cli.logs import configure_logging
    from tenuto.cli.triggers.serving import serve

    configure_logging(log_level, as_json=json_logs)
    asyncio.run(serve(output, host, port))
