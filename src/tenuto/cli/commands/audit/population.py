"""`tenuto audit population`."""

from typing import TYPE_CHECKING, Any

import click

from tenuto.cli.commands.audit.export import PATIENCE_S
from tenuto.cli.options import data_options
from tenuto.cli.output import Output

if TYPE_CHECKING:
    from rich.console import Console

    from tenuto.cli.session import Session


@click.command("population")
@click.option("--explain", metavar="RUN", help="Answer for a missing run, by its workflow id.")
@click.option("--because", default="", help="Why RUN is missing. Recorded for ever.")
@data_options
@click.pass_obj
def command(output: Output, explain: str | None, because: str) -> int:
    """Count whether everything that ran is in the ledger; leaves with 7 where it is not.

    Three numbers for each span of time: closed runs by status as the server counts them, runs in
    the ledger, permits issued. And every run that was seen once, or permitted, or told of by its
    parent, has to be in the ledger or still with the server.
    """
    import asyncio

    return asyncio.run(_count(output, explain, because))


async def _count(output: Output, explain: str | None, because: str) -> int:
    import asyncio

    from tenuto.cli import exit_codes
    from tenuto.cli.audit.exporter import ensure_exporter, export_now
    from tenuto.cli.audit.places import project_evidence
    from tenuto.cli.session import open_session
    from tenuto.policy.decision import Resource

    session = await open_session()
    ledger = project_evidence(session.settings).ledger(session.client.namespace)
    action = "audit:export" if explain else "audit:read"
    await session.gate.authorize(action, Resource(type="Ledger", id=ledger.origin))
    if explain:
        _explain(session, explain, because)
    exporter = await ensure_exporter(session.client, session.settings)
    view = await export_now(exporter, counts=True, patience_s=PATIENCE_S)
    lines = await asyncio.to_thread(lambda: list(ledger.all_lines()))
    counts = [line.record.entry.data for line in lines if line.record.entry.kind == "population"]
    record = {"alarms": list(view.alarms), "counts": counts}
    output.record(record, lambda console: _draw(console, counts, view.alarms))
    return exit_codes.DIFFERENT if view.alarms else exit_codes.OK


def _explain(session: "Session", run: str, because: str) -> None:
    from tenuto.cli.audit.places import record
    from tenuto.core.errors import UsageError

    if not because.strip():
        raise UsageError(
            f"Say why `{run}` is missing: --because TEXT. It stays in the ledger.",
            code="evidence.no-reason",
        )
    told = {"what": "gap_explained", "workflow_id": run, "reason": because}
    record(session.settings, "change", {**told, "principal": session.gate.principal.id})


_SHOWN = 24


def _minute(moment: str) -> str:
    return moment[:16].replace("T", " ")


def _draw(console: "Console", counts: list[dict[str, Any]], alarms: tuple[str, ...]) -> None:
    from tenuto.cli.tables import table

    drawn = table(
        *("From (UTC)", "Until (UTC)", "Closed", "In the ledger", "Permits", "Not closed"),
        right=("Closed", "In the ledger", "Permits", "Not closed"),
    )
    for each in counts[-_SHOWN:]:
        closed, exported = sum(each["closed"].values()), sum(each["exported"].values())
        drawn.add_row(
            "the beginning" if each["from"] == counts[0]["from"] else _minute(each["from"]),
            _minute(each["until"]),
            str(closed),
            str(exported),
            str(each["permits"]),
            str(each.get("waiting", "")),
        )
    console.print(drawn)
    for alarm in alarms:
        console.print(f"✗ {alarm}", style="red")
    if not alarms:
        console.print("Nothing is missing.")
