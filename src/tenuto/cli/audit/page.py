"""A run's evidence on one page."""

from typing import Any

from rich.console import Console

from tenuto.cli.tables import block, heading, table
from tenuto.identity.ticket import NO_POLICY


def draw(console: Console, told: dict[str, Any]) -> None:
    """Who asked, what ran, who decided, and where all that stands."""
    console.print(heading(told["run"]))
    console.print(block(_asked(told)))
    _draw_runs(console, told["runs"])
    for task in told["tasks"]:
        _draw_task(console, task)
    _draw_decisions(console, told["decisions"])
    sealed = told["checkpoint"]
    numbers = ", ".join(str(number) for number in told["records"])
    console.print()
    console.print(
        block(
            [
                ("records", numbers),
                ("ledger", f"{sealed['origin']}, {sealed['size']} records, root {sealed['root']}"),
            ]
        )
    )


def _asked(told: dict[str, Any]) -> list[tuple[str, Any]]:
    roots = [run for run in told["runs"] if run["parent"] is None]
    permits = [run["permit"] for run in roots if run["permit"]]
    lines: list[tuple[str, Any]] = [
        ("asked by", f"{permit.get('sub')}, permit {permit.get('jti')}") for permit in permits
    ]
    lines += [("policy", _policy(permit.get("policy"))) for permit in permits]
    named = told["started_by"] or "not known"
    return lines or [("asked by", f"{named} (unproved: started without a permit)")]


def _draw_runs(console: Console, runs: list[dict[str, Any]]) -> None:
    drawn = table("Run", "Type", "Ended as", "Started", "Closed", "Events", right=("Events",))
    for run in runs:
        drawn.add_row(
            run["workflow_id"],
            run["type"],
            run["status"],
            run["started_at"][:19],
            run["closed_at"][:19],
            str(run["events"]),
        )
    console.print()
    console.print(drawn)


def _draw_task(console: Console, task: dict[str, Any]) -> None:
    request, outcome = task.get("request") or {}, task.get("outcome") or {}
    result = task.get("result") or {}
    console.print()
    console.print(heading(f"Task {task['task_id']}: {outcome.get('state', task['status'])}"))
    console.print(
        block(
            [
                ("  asked", request.get("title")),
                ("  requester", task["asked"].get("requester")),
                ("  shown", _short(request.get("shown")) or None),
                ("  seen", task["asked"].get("seen")),
            ]
        )
    )
    told = {vote.get("ticket"): vote for vote in result.get("votes") or ()}
    for vote in outcome.get("votes") or ():
        why = told.get(vote["ticket"], {}).get("comment", "")
        console.print(f"  {vote['at'][:19]}  {vote['by']}  {vote['decision']}  {why}".rstrip())
        rules = ", ".join(vote["rules"])
        under = f"    under {_policy(vote['policy'])}" + (f" ({rules})" if rules else "")
        console.print(f"{under}, via {vote['via']}, ticket {vote['ticket']}", style="dim")


def _draw_decisions(console: Console, decisions: list[dict[str, Any]]) -> None:
    if not decisions:
        return
    drawn = table("At", "Kind", "Who", "What", "Allowed", folds="What")
    for each in decisions:
        drawn.add_row(
            f"{each['at']:%Y-%m-%d %H:%M:%S}",
            each["kind"],
            str(each.get("principal") or each.get("sub") or ""),
            str(each.get("action") or each.get("what") or each.get("type") or ""),
            {True: "yes", False: "no"}.get(each.get("allowed", ""), ""),
        )
    console.print()
    console.print(drawn)


def _policy(digest: Any) -> str:
    return "no policy" if digest == NO_POLICY else f"policy {str(digest)[:16]}"


def _short(shown: Any) -> str:
    return ", ".join(f"{key}: {value}" for key, value in shown.items()) if shown else ""
