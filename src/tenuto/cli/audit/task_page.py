"""A task's part of the page: what people were shown, and what they decided on it."""

from typing import Any

from rich.console import Console

from tenuto.cli.audit.deeds import clock, short
from tenuto.cli.tables import block, heading
from tenuto.cli.times import counted


def draw_task(console: Console, task: dict[str, Any]) -> None:
    """What was asked, of whom, what they saw, with its hash, and every vote."""
    request, outcome = task.get("request") or {}, task.get("outcome") or {}
    console.print()
    console.print(heading(f"Task {task['task_id']}: {outcome.get('state', task['status'])}"))
    console.print(block(_asked(task["asked"], request)))
    result = task.get("result") or {}
    told = {vote.get("ticket"): vote for vote in result.get("votes") or ()}
    for vote in outcome.get("votes") or ():
        _draw_vote(console, vote, told.get(vote["ticket"], {}))


def _asked(asked: dict[str, Any], request: dict[str, Any]) -> list[tuple[str, Any]]:
    unreadable = request.get("unreadable") or asked.get("problem")
    amount = request.get("amount") or {}
    return [
        ("  asked", request.get("title")),
        ("  unreadable", unreadable),
        ("  about", request.get("subject") or None),
        ("  amount", f"{amount['value']} {amount['currency']}" if amount else None),
        ("  requester", asked.get("requester")),
        ("  candidates", ", ".join(asked.get("candidates") or ()) or None),
        ("  shown", "\n".join(_lines(request.get("shown") or {})) or None),
        ("  evidence", "\n".join(_files(request)) or None),
        ("  hash of shown", asked.get("shown")),
        ("  decided on", asked.get("seen")),
    ]


def _lines(shown: dict[str, Any]) -> list[str]:
    return [f"{key}: {value}" for key, value in shown.items()]


def _files(request: dict[str, Any]) -> list[str]:
    return [
        f"{each.get('name') or each.get('label') or ''}  {each.get('sha256') or each.get('url')}"
        for each in request.get("evidence") or ()
    ]


def _draw_vote(console: Console, vote: dict[str, Any], told: dict[str, Any]) -> None:
    groups = f" ({', '.join(vote['groups'])})" if vote["groups"] else ""
    said = f'  "{told["comment"]}"' if told.get("comment") else ""
    console.print(f"  {clock(vote['at'])}  {vote['by']}{groups}  {vote['decision']}{said}")
    rules = f", rule {', '.join(vote['rules'])}" if vote["rules"] else ""
    form = counted(len(told["form"]), "field") if told.get("form") else ""
    for name, value in (told.get("form") or {}).items():
        console.print(f"    {name}: {value}")
    with_form = f", with a form of {form}" if form else ""
    under = f"    under {short(vote['policy'])}{rules}{with_form}, via {vote['via']}"
    console.print(f"{under}, ticket {vote['ticket']}", style="dim")
