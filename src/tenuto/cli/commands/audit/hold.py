"""`tenuto audit hold`."""

import click

from tenuto.cli.options import shared_options
from tenuto.cli.output import Output


@click.command("hold")
@click.option("--reason", required=True, help="The case, and who asked for it.")
@click.option("--lift", is_flag=True, help="End the hold.")
@shared_options
@click.pass_obj
def command(output: Output, reason: str, lift: bool) -> None:
    """Forbid to erase anything, or with --lift allow it again. Both are recorded for ever."""
    import asyncio

    from tenuto.cli.audit.places import ask, project_ledger, record
    from tenuto.engine.settings import load_settings

    settings = load_settings()
    ledger = project_ledger(settings)
    who = asyncio.run(ask(settings, "audit:erase", ledger))
    state = "lifted" if lift else "held"
    record(settings, "legal_hold", {"state": state, "reason": reason, "principal": who})
    output.note("Nothing is erased until it is lifted." if not lift else "The hold is lifted.")
