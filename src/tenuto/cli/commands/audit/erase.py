"""`tenuto audit erase`."""

import click

from tenuto.cli.options import data_options
from tenuto.cli.output import Output


@click.command("erase")
@click.argument("keys", metavar="KEY...", nargs=-1, required=True)
@click.option("--reason", required=True, help="Why, and who asked for it.")
@click.option(
    "--with-open-runs",
    is_flag=True,
    help="Even if runs are open that need the key, which then can never go on, or no server"
    " answers that could tell.",
)
@data_options
@click.pass_obj
def command(output: Output, keys: tuple[str, ...], reason: str, with_open_runs: bool) -> None:
    """Destroy payload keys: everything they encrypted is unreadable, here and in every copy.

    Hashes, signatures, and the chain stay valid, so the ledger still verifies. `tenuto keys` lists
    the keys; rotate before, because the active one cannot be destroyed. Refused under a legal hold.
    """
    import asyncio

    asyncio.run(_erase(keys, reason, with_open_runs=with_open_runs))
    output.records(
        [{"key": key, "state": "destroyed"} for key in keys],
        lambda console: console.print(
            f"Destroyed: {', '.join(keys)}. Recorded. Destroy the copies of payloads.json too."
        ),
    )


async def _erase(keys: tuple[str, ...], reason: str, *, with_open_runs: bool) -> None:
    from tenuto.cli.audit.erasing import erasable, erase
    from tenuto.cli.audit.open_runs import refuse_open_runs, renew_exporter
    from tenuto.cli.audit.places import ask, project_ledger
    from tenuto.cli.session import open_session
    from tenuto.core.errors import UnreachableError
    from tenuto.engine.settings import load_settings

    settings = load_settings()
    ledger = project_ledger(settings)
    who = await ask(settings, "audit:erase", ledger)
    meant = erasable(settings, ledger, keys)
    try:
        client = (await open_session()).client
        if not with_open_runs:
            await refuse_open_runs(client, meant)
        await renew_exporter(client, keys)
    except UnreachableError:
        if not with_open_runs:
            raise
    erase(settings, meant, who, reason)
