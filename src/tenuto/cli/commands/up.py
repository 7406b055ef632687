"""`tenuto up`: everything this project needs, in one process."""

from typing import TYPE_CHECKING, Any

import click

from tenuto.cli.options import data_options, log_options
from tenuto.cli.output import Output

if TYPE_CHECKING:
    from rich.console import Console

    from tenuto.cli.platform import Platform
    from tenuto.cli.triggers.serving import Receiving
    from tenuto.engine.serving import StopRequest
    from tenuto.engine.settings import Settings

PORT = click.IntRange(0, 65535)


@click.command("up")
@click.option("--port", type=PORT, help="Port of the server; 0 takes a free one.")
@click.option("--ui-port", type=PORT, help="Port of Temporal's web page; 0 takes a free one.")
@click.option("--no-ui", is_flag=True, help="Without Temporal's web page.")
@click.option("--no-worker", is_flag=True, help="Server only; `tenuto worker` runs elsewhere.")
@log_options(level="warning")
@data_options
@click.pass_obj
def command(
    output: Output,
    port: int | None,
    ui_port: int | None,
    no_ui: bool,
    no_worker: bool,
    log_level: str,
    json_logs: bool,
) -> None:
    """Start Temporal and the workers of every pack and module of this project.

    Where a profile (TEMPORAL_ADDRESS, temporal.toml) names a server, that one is used. Ctrl-C
    or SIGTERM lets running activities finish and stops everything; a second one does not wait.
    """
    import asyncio

    from tenuto.cli.logs import configure_logging
    from tenuto.engine.settings import load_settings

    configure_logging(log_level, as_json=json_logs)
    changes = {"port": port, "ui_port": ui_port, "ui": False if no_ui else None}
    settings = _with(load_settings(), {k: v for k, v in changes.items() if v is not None})
    asyncio.run(_run(output, settings, with_workers=not no_worker))


async def _run(output: Output, settings: "Settings", *, with_workers: bool) -> None:
    import asyncio

    from tenuto.cli.audit.exporter import ensure_exporter
    from tenuto.cli.audit.standing import standing
    from tenuto.cli.platform import open_platform, serve_until_stopped
    from tenuto.engine.serving import StopRequest

    stop = StopRequest()
    stop.listen()
    output.note("Starting ...")
    async with open_platform(settings, with_workers=with_workers) as platform:
        if platform.workers:
            await ensure_exporter(platform.session.client, settings)
        alarm = (await standing(platform.session.client)).alarm
        receiving = _receiving(platform)
        record = {
            **_record(platform),
            "ledger": settings.ledger_url,
            "alarm": alarm or None,
            "receiver": receiving.address if receiving else None,
        }
        output.record(record, lambda console: _draw(console, platform, alarm, receiving))
        saying = asyncio.create_task(_say_stopping(stop, output))
        await serve_until_stopped(
            settings,
            platform.workers,
            stop,
            platform.started,
            receiving.serve if receiving else None,
        )
    saying.cancel()
    output.note("Stopped.")


def _receiving(platform: "Platform") -> "Receiving | None":
    """The receiver of the project's triggers; None where it has none."""
    session = platform.session
    if not (session.settings.root / session.settings.triggers.file).exists():
        return None
    from tenuto.cli.triggers.serving import open_receiving

    return open_receiving(session)


async def _say_stopping(stop: "StopRequest", output: Output) -> None:
    await stop.wait()
    output.note("\nStopping: running activities may finish. Once more, and it stops now.")


def _with(settings: "Settings", changes: dict[str, Any]) -> "Settings":
    embedded = settings.embedded.model_copy(update=changes)
    return settings.model_copy(update={"embedded": embedded})


def _record(platform: "Platform") -> dict[str, Any]:
    session, server = platform.session, platform.server
    return {
        "address": session.target.address,
        "namespace": session.client.namespace,
        "origin": session.target.origin,
        "ui_url": server.ui_url if server else None,
        "metrics_address": server.metrics_address if server else None,
        "state_dir": str(session.settings.state_path) if server else None,
        "artifacts": session.store.url,
        "queues": sorted(worker.task_queue for worker in platform.workers),
        "skipped": [
            {"pack": pack.name, "missing": pack.needs, "remedy": f"tenuto[{pack.extra}]"}
            for pack in platform.skipped
        ],
    }


def _draw(
    console: "Console", platform: "Platform", alarm: str, receiving: "Receiving | None"
) -> None:
    from tenuto.cli.tables import block, heading

    session, server = platform.session, platform.server
    queues = ", ".join(sorted(worker.task_queue for worker in platform.workers))
    about = (
        f"Temporal {server.server_version}, {session.settings.embedded.durability},"
        f" {session.settings.state_path}"
        if server
        else f"namespace {session.client.namespace}, from your profile"
    )
    console.print(heading("Tenuto is up."))
    console.print()
    console.print(
        block(
            [
                ("  server", f"{session.target.address}  ({about})"),
                ("  web page", server.ui_url if server else None),
                ("  artifacts", session.store.url),
                ("  ledger", session.settings.ledger_url),
                ("  queues", queues or "none: start `tenuto worker`"),
                ("  receiver", receiving.address if receiving else None),
                *(
                    ("  skipped", f"pack {pack.name}: pip install 'tenuto[{pack.extra}]'")
                    for pack in platform.skipped
                ),
            ]
        )
    )
    console.print()
    if alarm:
        console.print(f"The audit trail has an ALARM: {alarm}", style="red")
        console.print("→ tenuto audit doctor", style="cyan")
        console.print()
    console.print("`tenuto catalog` lists what can be run. Ctrl-C stops.")
