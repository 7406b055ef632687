"""`tenuto audit bundle`."""

from pathlib import Path

import click

from tenuto.cli.options import shared_options
from tenuto.cli.output import Output


@click.command("bundle")
@click.argument("run", metavar="RUN")
@click.option(
    "-o",
    "--to",
    "target",
    type=click.Path(path_type=Path),
    help="A new folder, or a new file that ends in .zip. By default a folder of the run's name.",
)
@shared_options
@click.pass_obj
def command(output: Output, run: str, target: Path | None) -> None:
    """Pack the evidence of RUN for somebody who has nothing but Python.

    Histories, decisions with their tickets, policy texts, artifacts, proofs that all of it is in
    the ledger, and `verify.py`, which checks it: `python3 -I verify.py`. No server is asked.
    """
    import asyncio

    asyncio.run(_bundle(output, run, target))


async def _bundle(output: Output, run: str, target: Path | None) -> None:
    import re

    from tenuto.artifacts.store import open_store
    from tenuto.cli.audit.bundling import packed
    from tenuto.cli.audit.places import (
        ask,
        project_codec,
        project_evidence,
        project_ledger,
        refuse_empty,
    )
    from tenuto.cli.times import counted
    from tenuto.engine.settings import load_settings
    from tenuto.evidence.bundle import write_bundle
    from tenuto.evidence.dossier import find_dossier

    settings = load_settings()
    ledger = project_ledger(settings)
    await ask(settings, "audit:read", ledger)
    refuse_empty(ledger)
    dossier = find_dossier(ledger, run)
    files, missing = await packed(
        ledger,
        dossier,
        project_evidence(settings).keys.read("ledger"),
        open_store(settings.artifacts_url),
        project_codec(settings),
    )
    to = target or Path("evidence-" + re.sub(r"[^A-Za-z0-9._-]+", "-", dossier.run))
    write_bundle(files, to)
    for uri in missing:
        output.note(f"Not packed, because the artifact store has it no more: {uri}")
    output.note(f"{to}: {counted(len(files), 'file')}. Check it there: python3 -I verify.py")
