"""A run's evidence on one page."""

from typing import Any

from rich.console import Console

from tenuto.cli.audit.deeds import clock, drawn_deeds, short
from tenuto.cli.audit.policies import rules_named
from tenuto.cli.audit.task_page import draw_task
from tenuto.cli.tables import block, heading, table


def draw(console: Console, told: dict[str, Any]) -> None:
    """Who asked, what ran, who decided, by which rules, and where all that stands."""
    console.print(heading(told["run"]))
    console.print(block(_asked(told)))
    _draw_runs(console, told["runs"])
    for task in told["tasks"]:
        draw_task(console, task)
    if told["decisions"]:
        console.print()
        console.print(heading("Allowed, refused, and read"))
        console.print(drawn_deeds(told["decisions"]))
    for policy in told["policies"]:
        _draw_policy(console, policy)
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
    roots = [run for run in told["runs"] if run["parent"] is None and run["permit"]]
    if not roots:
        named = told["started_by"] or "not known"
        return [("asked by", f"{named} (unproved: started without a permit)")]
    run = roots[0]
    permit = run["permit"]
    rules = ", ".join(permit.get("rules") or ())
    return [
        ("asked by", permit.get("sub") or "unreadable"),
        ("started", f"{clock(run['started_at'])} UTC"),
        ("permit", permit.get("jti")),
        ("allowed by", short(permit.get("policy")) + (f", rule {rules}" if rules else "")),
        ("reason", permit.get("reason") or None),
    ]


def _draw_runs(console: Console, runs: list[dict[str, Any]]) -> None:
    drawn = table(
        "Run", "Type", "Ended as", "Started (UTC)", "Closed (UTC)", "Events", right=("Events",)
    )
    for run in runs:
        drawn.add_row(
            run["workflow_id"],
            run["type"],
            run["status"],
            clock(run["started_at"]),
            clock(run["closed_at"]),
            str(run["events"]),
        )
    console.print()
    console.print(drawn)


def _draw_policy(console: Console, policy: dict[str, Any]) -> None:
    """The rules that had their say, as they were written then."""
    digest = policy["digest"]
    console.print()
    console.print(heading(f"Policy {digest}"))
    for file, text in rules_named(policy["texts"], policy["rules"]):
        console.print(f"  // {file}", style="dim")
        for line in text.splitlines():
            console.print(f"  {line}", soft_wrap=True)
    console.print(f"  // all of it: tenuto audit policy {digest[:16]}", style="dim")
