"""`tenuto audit show`."""

import click

from tenuto.cli.options import data_options
from tenuto.cli.output import Output


@click.command("show")
@click.argument("run", metavar="RUN")
@data_options
@click.pass_obj
def command(output: Output, run: str) -> None:
    """Tell RUN from the ledger: who asked, who decided what and why, what ran, which policy.

    RUN is a workflow id or a run id. The server is not asked: it may have forgotten the run.
    """
    import asyncio

    asyncio.run(_show(output, run))


async def _show(output: Output, run: str) -> None:
    from tenuto.cli.audit.page import draw
    from tenuto.cli.audit.places import ask, project_codec, project_ledger, refuse_empty
    from tenuto.cli.audit.run_evidence import run_evidence
    from tenuto.engine.settings import load_settings
    from tenuto.evidence.dossier import find_dossier

    settings = load_settings()
    ledger = project_ledger(settings)
    await ask(settings, "audit:read", ledger)
    refuse_empty(ledger)
    told = await run_evidence(ledger, find_dossier(ledger, run), project_codec(settings))
    output.record(told, lambda console: draw(console, told))
