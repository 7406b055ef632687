"""`tenuto audit list`."""

from typing import TYPE_CHECKING, Any

import click

from tenuto.cli.options import data_options
from tenuto.cli.output import Output

if TYPE_CHECKING:
    from datetime import datetime

_KINDS = ("decision", "refusal", "access", "permit", "change", "alarm", "erase", "legal_hold")


@click.command("list")
@click.option("--kind", "kinds", multiple=True, type=click.Choice(_KINDS), help="Only these.")
@click.option("--by", "principal", metavar="WHO", help="Only what WHO did or wanted: `u:ann`.")
@click.option("--about", "subject", metavar="ID", help="Only what was done to this.")
@click.option("--since", type=click.DateTime(), help="From this moment on, UTC.")
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    default=50,
    show_default=True,
    help="The newest so many.",
)
@data_options
@click.pass_obj
def command(
    output: Output,
    kinds: tuple[str, ...],
    principal: str | None,
    subject: str | None,
    since: "datetime | None",
    limit: int,
) -> None:
    """List what was allowed, refused, read, and changed, oldest first.

    `--kind refusal` shows who wanted what and why it was refused: a start that was refused has no
    run that could show it.
    """
    import asyncio

    from tenuto.cli.audit.deeds import deeds_in, drawn_deeds
    from tenuto.cli.audit.places import ask, project_ledger, refuse_empty
    from tenuto.engine.settings import load_settings

    settings = load_settings()
    ledger = project_ledger(settings)
    asyncio.run(ask(settings, "audit:read", ledger))
    refuse_empty(ledger)
    found = [
        each
        for each in deeds_in(ledger.all_lines())
        if _is_wanted(each, kinds, principal, subject, since)
    ]
    shown = found[-limit:]
    output.records(shown, lambda console: console.print(drawn_deeds(shown)))
    if len(found) > limit:
        output.note(f"{len(found) - limit:,} older ones: --limit, --since.")


def _is_wanted(
    deed: dict[str, Any],
    kinds: tuple[str, ...],
    principal: str | None,
    subject: str | None,
    since: "datetime | None",
) -> bool:
    from datetime import UTC

    from tenuto.cli.audit.deeds import about, who

    return (
        (not kinds or deed["kind"] in kinds)
        and (principal is None or who(deed) == principal)
        and (subject is None or about(deed) == subject)
        and (since is None or deed["at"] >= since.replace(tzinfo=UTC))
    )
