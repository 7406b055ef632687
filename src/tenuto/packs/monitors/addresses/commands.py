"""`tenuto monitor verify`: proves that an address is one's own."""

import click

from tenuto.cli.options import data_options
from tenuto.cli.output import Output


@click.command("verify")
@click.argument("address", metavar="ADDRESS")
@click.option("--code", metavar="DIGITS", help="The code that was mailed to ADDRESS.")
@data_options
@click.pass_obj
def verify(output: Output, address: str, code: str | None) -> None:
    """Prove that ADDRESS is yours, so that your monitors may write to it.

    \b
    tenuto monitor verify ann@example.com               # mails a code
    tenuto monitor verify ann@example.com --code 123456
    """
    import asyncio

    from tenuto.cli.session import open_session
    from tenuto.packs.monitors.addresses.asking import ask_for_code, prove
    from tenuto.packs.monitors.addresses.models import Answer

    async def told() -> Answer:
        session = await open_session()
        if code is None:
            return await ask_for_code(session.client, session.gate, address)
        return await prove(session.client, session.gate, address, code)

    answer = asyncio.run(told())
    said = "verified" if answer.is_verified else "a code was sent; it is valid for 15 minutes"
    output.record(
        {"address": address, "verified": answer.is_verified},
        lambda console: console.print(f"{address}: {said}", soft_wrap=True),
    )
    if not answer.is_verified:
        output.note(f"Then: tenuto monitor verify {address} --code DIGITS")
