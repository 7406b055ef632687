"""`tenuto audit erase`."""

import click

from tenuto.cli.options import data_options
from tenuto.cli.output import Output


@click.command("erase")
@click.argument("keys", metavar="KEY...", nargs=-1, required=True)
@click.option("--reason", required=True, help="Why, and who asked for it.")
@data_options
@click.pass_obj
def command(output: Output, keys: tuple[str, ...], reason: str) -> None:
    """Destroy payload keys: everything they encrypted is unreadable, here and in every copy.

    Hashes, signatures, and the chain stay valid, so the ledger still verifies. `tenuto keys` lists
    the keys; rotate before, because the active one cannot be destroyed. Refused under a legal hold.
    """
    import asyncio

    from tenuto.cli.audit.erasing import erase
    from tenuto.cli.audit.places import ask, project_ledger
    from tenuto.engine.settings import load_settings

    settings = load_settings()
    ledger = project_ledger(settings)
    who = asyncio.run(ask(settings, "audit:erase", ledger))
    erase(settings, ledger, keys, who, reason)
    output.records(
        [{"key": key, "state": "destroyed"} for key in keys],
        lambda console: console.print(f"Destroyed: {', '.join(keys)}. Recorded."),
    )
