"""`tenuto audit verify`."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from tenuto.cli.options import data_options
from tenuto.cli.output import Output

if TYPE_CHECKING:
    from rich.console import Console

    from tenuto.evidence.verify import Verification


@click.command("verify")
@click.option(
    "--pin",
    "pins",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A checkpoint that was kept elsewhere (`tenuto audit pin`). Repeatable.",
)
@data_options
@click.pass_obj
def command(output: Output, pins: tuple[Path, ...]) -> int:
    """Read the whole ledger: every record, history, checkpoint, and signature.

    Leaves with 7 for anything that is ALTERED, MISSING, a BAD chain, a GAP, TRUNCATED, ROLLED BACK,
    a BAD signature, or FORKED. The last three need a pin: whoever holds the keys can rewrite
    everything but a checkpoint that lies elsewhere.
    """
    import asyncio

    from tenuto.cli import exit_codes
    from tenuto.cli.audit.places import ask, project_evidence, project_ledger, refuse_empty
    from tenuto.engine.settings import load_settings
    from tenuto.evidence.checkpoint import read_checkpoint

    settings = load_settings()
    ledger = project_ledger(settings)
    asyncio.run(ask(settings, "audit:read", ledger))
    if not pins:
        refuse_empty(ledger)
    kept = [read_checkpoint(pin.read_bytes(), str(pin)) for pin in pins]
    ring = project_evidence(settings).keys.read("ledger")
    from tenuto.cli.audit.progress import verified

    found = verified(output, ledger, ring, kept)
    output.record(found.model_dump(mode="json"), lambda console: _draw(console, found))
    if found.is_sound and not pins:
        output.note("Without --pin this does not show whether the newest records were removed.")
    return exit_codes.OK if found.is_sound else exit_codes.DIFFERENT


def _draw(console: "Console", found: "Verification") -> None:
    from tenuto.cli.times import counted

    for each in found.findings:
        console.print(f"✗ {each.word}  {each.place}: {each.text}", style="red")
    read = f"{counted(found.records, 'record')}, {counted(found.blobs, 'blob')}"
    sealed = f"{counted(found.checkpoints, 'checkpoint')}, {counted(found.pins, 'pin')}"
    verdict = "nothing is wrong" if found.is_sound else counted(len(found.findings), "finding")
    console.print(f"{found.ledger}: {read}, {sealed}: {verdict}")
    if found.left_over:
        files = counted(len(found.left_over), "file")
        console.print(f"{files} of an interrupted export belong to nothing.", style="dim")
