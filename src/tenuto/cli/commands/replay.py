"""`tenuto replay`."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from tenuto.cli.options import data_options
from tenuto.cli.output import Output

if TYPE_CHECKING:
    from rich.console import Console

    from tenuto.engine.replay import Verdict


@click.command("replay")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@data_options
@click.pass_obj
def command(output: Output, files: tuple[Path, ...]) -> int:
    """Check whether today's workflow code accepts the histories in FILES. Needs no server.

    `temporal workflow show -w RUN -o json > run.json` writes one. Leaves with 7 when the code
    takes other steps than a history has.
    """
    import asyncio

    from rich.text import Text

    from tenuto.cli import exit_codes

    verdicts = asyncio.run(_replay(files))

    def show(console: "Console") -> None:
        for verdict in verdicts:
            console.print(Text(*_line(verdict)), soft_wrap=True)

    output.records([verdict.model_dump() for verdict in verdicts], show)
    is_clean = all(verdict.is_compatible for verdict in verdicts)
    return exit_codes.OK if is_clean else exit_codes.DIFFERENT


def _line(verdict: "Verdict") -> tuple[str, str]:
    what = f"{verdict.history} ({verdict.type_name})"
    if verdict.is_compatible:
        return f"✓ {what}", "green"
    return f"✗ {what}: {verdict.problem}", "red"


async def _replay(files: tuple[Path, ...]) -> "list[Verdict]":
    from tenuto.app import project_registration
    from tenuto.artifacts.external import external_storage
    from tenuto.artifacts.store import open_store
    from tenuto.engine.connection import LOCAL, payload_codec, profile_target
    from tenuto.engine.replay import replay_history
    from tenuto.engine.settings import load_settings

    settings = load_settings()
    registration = project_registration(settings)
    storage = external_storage(open_store(settings.artifacts_url))
    codec = payload_codec(settings, profile_target(settings) or LOCAL)
    return [
        await replay_history(file, registration, external_storage=storage, codec=codec)
        for file in files
    ]
