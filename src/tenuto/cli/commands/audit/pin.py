"""`tenuto audit pin`."""

import click

from tenuto.cli.options import shared_options
from tenuto.cli.output import Output


@click.command("pin")
@click.argument("target", required=False)
@shared_options
@click.pass_obj
def command(output: Output, target: str | None) -> None:
    """Write the newest checkpoint to TARGET, a file or any fsspec URL, or print it.

    Keep it where nobody who runs this can change it: a bucket with object lock, the auditor's
    mail, a Git repository. `tenuto audit verify --pin FILE` compares with it.
    """
    import asyncio

    import click as terminal

    from tenuto.cli.audit.places import ask, project_ledger, refuse_empty
    from tenuto.engine.settings import load_settings

    settings = load_settings()
    ledger = project_ledger(settings)
    asyncio.run(ask(settings, "audit:pin", ledger))
    refuse_empty(ledger)
    newest = ledger.checkpoint(ledger.sizes()[-1])
    if target is None:
        terminal.echo(newest.note, nl=False)
        return
    from tenuto.cli.audit.pins import write_pin

    write_pin(newest, target)
    output.note(f"{target}: {newest.checkpoint.size} records, root {newest.checkpoint.root}")
