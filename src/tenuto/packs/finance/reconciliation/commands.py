"""`tenuto breaks`: the open breaks of a reconciliation, worked from the command line."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar, get_args

import click

from tenuto.cli.options import data_options
from tenuto.cli.output import Output
from tenuto.packs.finance.reconciliation.cases import CaseStatus, Resolution
from tenuto.packs.finance.reconciliation.models import Priority

if TYPE_CHECKING:
    from rich.console import Console

_CommandT = TypeVar("_CommandT", bound=Callable[..., Any])


@click.group("breaks")
def breaks() -> None:
    """Work the open breaks of a reconciliation REC, which its break desk holds.

    BREAK is a break's id, or the beginning of one.
    """


def _by(command: _CommandT) -> _CommandT:
    return click.option("--by", show_default="you", help="Who says so.")(command)


@breaks.command("list")
@click.argument("rec")
@click.option("--owner", help="Only breaks of this person.")
@click.option("--priority", type=click.Choice(get_args(Priority)))
@click.option("--status", type=click.Choice(get_args(CaseStatus)))
@click.option(
    "--min-age", type=click.IntRange(0), default=0, help="Calendar days since first seen."
)
@click.option("--all", "include_closed", is_flag=True, help="Closed breaks too.")
@click.option("--limit", type=click.IntRange(1, 500), default=100, show_default=True)
@data_options
@click.pass_obj
def list_breaks(
    output: Output,
    rec: str,
    owner: str | None,
    priority: str | None,
    status: str | None,
    min_age: int,
    include_closed: bool,
    limit: int,
) -> None:
    """List breaks, the most important first."""
    wanted = {
        "owner": owner,
        "priority": priority,
        "status": status,
        "min_age_days": min_age,
        "include_closed": include_closed,
        "limit": limit,
    }
    found = _run(_asked(rec, "find", wanted))
    output.records(found["cases"], lambda console: _draw_list(console, found["cases"]))
    if len(found["cases"]) < found["total"]:
        output.note(f"{len(found['cases'])} of {found['total']} breaks; --limit shows more.")
    elif not found["total"]:
        output.note("No break.")


@breaks.command("show")
@click.argument("rec")
@click.argument("break_id", metavar="BREAK")
@data_options
@click.pass_obj
def show(output: Output, rec: str, break_id: str) -> None:
    """Show one break with all that happened to it."""
    case = _run(_asked(rec, "story", _whole(rec, break_id)))
    output.record(case, lambda console: _draw_case(console, case))


@breaks.command("assign")
@click.argument("rec")
@click.argument("break_ids", metavar="BREAK...", nargs=-1, required=True)
@click.option("--to", "owner", required=True, help="The new owner.")
@_by
@data_options
@click.pass_obj
def assign(
    output: Output, rec: str, break_ids: tuple[str, ...], owner: str, by: str | None
) -> None:
    """Give breaks an owner."""
    ids = [_whole(rec, each) for each in break_ids]
    _say(output, rec, "assign", {"break_ids": ids, "owner": owner, "by": by})


@breaks.command("comment")
@click.argument("rec")
@click.argument("break_id", metavar="BREAK")
@click.argument("text")
@click.option(
    "--status",
    type=click.Choice(["ANALYZING", "ROOT_CAUSE_IDENTIFIED"]),
    help="How far the analysis is.",
)
@_by
@data_options
@click.pass_obj
def comment(
    output: Output, rec: str, break_id: str, text: str, status: str | None, by: str | None
) -> None:
    """Say TEXT about a break."""
    change = {"break_id": _whole(rec, break_id), "text": text, "status": status, "by": by}
    _say(output, rec, "remark", change)


@breaks.command("resolve")
@click.argument("rec")
@click.argument("break_ids", metavar="BREAK...", nargs=-1, required=True)
@click.option("--reason", required=True)
@_by
@data_options
@click.option("--as", "kind", required=True, type=click.Choice(get_args(Resolution)))
@click.pass_obj
def resolve(
    output: Output, rec: str, break_ids: tuple[str, ...], kind: str, reason: str, by: str | None
) -> None:
    """Close breaks; above the rules' limit a second person must `accept` it."""
    ids = [_whole(rec, each) for each in break_ids]
    _say(output, rec, "resolve", {"break_ids": ids, "kind": kind, "reason": reason, "by": by})


@breaks.command("accept")
@click.argument("rec")
@click.argument("break_id", metavar="BREAK")
@_by
@data_options
@click.pass_obj
def accept(output: Output, rec: str, break_id: str, by: str | None) -> None:
    """Agree, as the second person, to a proposed resolution: approves its task.

    `tenuto tasks` does the same and more: look at what is shown, or reject with a reason.
    """
    answer = _run(_accepted(rec, _whole(rec, break_id), by))
    output.record(answer, lambda console: console.print(f"{answer['task']}: {answer['state']}."))


@breaks.command("reopen")
@click.argument("rec")
@click.argument("break_id", metavar="BREAK")
@click.option("--reason", required=True)
@_by
@data_options
@click.pass_obj
def reopen(output: Output, rec: str, break_id: str, reason: str, by: str | None) -> None:
    """Take a resolution back."""
    _say(output, rec, "reopen", {"break_id": _whole(rec, break_id), "reason": reason, "by": by})


@breaks.command("try-rules")
@click.argument("old", type=click.Path(exists=True, dir_okay=False))
@click.argument("new", type=click.Path(exists=True, dir_okay=False))
@click.argument("sources", metavar="SIDE=FILE...", nargs=-1, required=True)
@click.option("--date", "day", required=True, metavar="YYYY-MM-DD", help="Business date.")
@data_options
@click.pass_obj
def try_rules(output: Output, old: str, new: str, sources: tuple[str, ...], day: str) -> int:
    """Match files by the rules in OLD and in NEW, and list what would fare differently.

    Needs no server and releases nothing. Exit code 7 when something differs.
    """
    from tenuto.cli import exit_codes
    from tenuto.packs.finance.reconciliation.activities.trying import try_files

    difference, items = try_files(old, new, sources, day)
    record = difference.model_dump(mode="json", exclude={"items"}) | {"items": items}
    output.record(record, lambda console: _draw_difference(console, record))
    return exit_codes.DIFFERENT if difference.changed else exit_codes.OK


def _say(output: Output, rec: str, name: str, change: dict[str, Any]) -> None:
    answer = _run(_told(rec, name, change))
    output.record(
        answer,
        lambda console: console.print(f"{answer['touched']} changed, {answer['open']} open."),
    )


def _run(asked: Any) -> Any:
    import asyncio

    return asyncio.run(asked)


async def _asked(rec: str, query: str, argument: Any) -> Any:
    from tenuto.cli.session import open_session

    session = await open_session()
    return await session.gate.query(session.client, f"breaks/{rec}", query, [argument])


async def _told(rec: str, update: str, change: dict[str, Any]) -> Any:
    """The desk's answer to a change, said by whoever asks unless it names somebody else."""
    from tenuto.cli.session import open_session
    from tenuto.cli.speaking import speaking_gate

    session = await open_session()
    gate = speaking_gate(session, [change])
    named = change | {"by": change["by"] or gate.principal.id}
    return await gate.update(session.client, f"breaks/{rec}", update, [named])


async def _accepted(rec: str, break_id: str, by: str | None) -> Any:
    """How the task stands that asks whether this break may be closed, after a yes.

    Raises UsageError `reconciliation.nothing-to-accept` where there is none.
    """
    from tenuto.catalog.library.tasks.messages import Decide
    from tenuto.cli.session import open_session
    from tenuto.cli.speaking import speaking_gate
    from tenuto.core.errors import UsageError
    from tenuto.triggers.tasks.acting import tell_task
    from tenuto.triggers.tasks.reading import read_task

    session = await open_session()
    gate = speaking_gate(session, [{"by": by}])
    tasks = await gate.query(session.client, f"breaks/{rec}", "tasks", [])
    if break_id not in tasks:
        raise UsageError(
            f"Break {break_id} has no resolution that waits for a second person; resolve it first.",
            code="reconciliation.nothing-to-accept",
        )
    task = (await read_task(session.client, tasks[break_id])).task
    yes = Decide(decision="approve", seen=task.request.seen)
    standing = await tell_task(session.client, gate, task.task_id, yes)
    return {"task": task.task_id, **standing.model_dump(mode="json")}


def _whole(rec: str, text: str) -> str:
    """The id that begins with `text`. Raises NotFoundError for none, UsageError for several."""
    from tenuto.core.errors import NotFoundError, UsageError

    if len(text) == 32:
        return text
    ids: list[str] = _run(_asked(rec, "ids", text))
    if not ids:
        raise NotFoundError(
            f"No break of `{rec}` begins with `{text}`; `tenuto breaks list {rec}` lists them.",
            code="reconciliation.no-such-break",
        )
    if len(ids) > 1:
        raise UsageError(
            f"{len(ids)} breaks of `{rec}` begin with `{text}`: {', '.join(ids[:5])}; write more "
            "of the id.",
            code="reconciliation.ambiguous-id",
        )
    return ids[0]


def _draw_list(console: "Console", cases: list[dict[str, Any]]) -> None:
    from tenuto.cli.tables import table

    if not cases:
        return
    drawn = table(
        *("Break", "Priority", "Class", "Key", "Variance", "Seen", "Owner", "Status"),
        folds="Key",
        right=("Variance",),
    )
    for case in cases:
        drawn.add_row(
            case["break_id"][:12],
            case["priority"],
            case["break_class"],
            case["key"],
            str(case["variance_base"] if case["variance_base"] is not None else "?"),
            str(case["first_seen"]),
            case["owner"] or "-",
            case["status"] + (" (to check)" if case["resolution"] and not _is_closed(case) else ""),
        )
    console.print(drawn)


def _is_closed(case: dict[str, Any]) -> bool:
    return case["status"] in ("RESOLVED", "ACCEPTED")


def _draw_case(console: "Console", case: dict[str, Any]) -> None:
    from tenuto.cli.tables import block, heading

    names = ("break_id", "key", "break_class", "category", "level", "priority", "status", "owner")
    more = ("field", "ours", "theirs", "variance_base", "first_seen", "last_seen", "muted_until")
    console.print(block((name, case[name] or None) for name in (*names, *more)))
    console.print(heading("Story"))
    for line in case["story"]:
        console.print(f"{line['at'][:16].replace('T', ' ')}  {line['by']}: {line['what']}")


def _draw_difference(console: "Console", record: dict[str, Any]) -> None:
    from tenuto.cli.tables import table

    console.print(f"{record['changed']} items differ, {record['unchanged']} do not.")
    drawn = table("Side", "Old", "New", "Items", right=("Items",))
    for move in record["moves"]:
        drawn.add_row(move["side"], move["old"], move["new"], str(move["count"]))
    if record["moves"]:
        console.print(drawn)
