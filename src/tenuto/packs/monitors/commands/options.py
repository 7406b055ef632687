"""The arguments and options that several commands of monitors share."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from tenuto.packs.monitors.operations import Monitors

ResultT = TypeVar("ResultT")

monitor_argument = click.argument("monitor_ref", metavar="MONITOR")

_WORDS = (
    click.option("--zone", metavar="ZONE", help="Time zone of cron, such as Europe/London."),
    click.option(
        "--tell",
        type=click.Choice(["once", "always", "track_state"]),
        help="once (then it is completed), always (at each check that meets the condition), or"
        " track_state (when what was found has changed). By default once.",
    ),
    click.option("--provider", metavar="NAME", help="Who looks; by default page."),
    click.option("--model", metavar="NAME", help="Of the provider; by default the worker's."),
    click.option("--url", metavar="URL", help="The page to read, for the provider page."),
    click.option(
        "--option",
        "options",
        multiple=True,
        metavar="NAME=JSON",
        help="Anything else that the provider needs; may be given several times.",
    ),
    click.option("--email", metavar="ADDRESS", help="Who is written to."),
    click.option("--webhook", metavar="URL", help="What is posted to; https only."),
    click.option(
        "--webhook-secret",
        "webhook_secrets",
        multiple=True,
        metavar="secret://env/NAME",
        help="What the webhook is signed with: a variable of the worker.",
    ),
)


def words(command: Any) -> Any:
    """The options that say what a monitor is; each of them may be left out."""
    when = click.option("--when", metavar="TEXT", help="When you are told, in words.")
    every = click.option(
        "--every",
        "--cron",
        "schedule",
        metavar="SCHEDULE",
        help="An exact distance such as '6 hours' or '90 minutes', or cron such as"
        " '0 9 * * mon-fri'.",
    )
    for option in reversed((when, every, *_WORDS)):
        command = option(command)
    return command


def asked(ask: "Callable[[Monitors], Awaitable[ResultT]]") -> ResultT:
    """What `ask` makes of this project's monitors, in the name of whoever runs this.

    Raises UnreachableError where there is no server, and what `ask` raises.
    """
    from tenuto.cli.session import open_session
    from tenuto.packs.monitors.opening import monitors_in

    async def answered() -> ResultT:
        session = await open_session()
        return await ask(monitors_in(session.client, session.gate, session.settings))

    return asyncio.run(answered())
