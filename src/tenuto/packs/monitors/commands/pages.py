"""What the commands of monitors print, for people and for programs."""

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from tenuto.cli.output import Output
from tenuto.cli.tables import block, table
from tenuto.cli.times import stamp
from tenuto.packs.monitors.listing import next_checks
from tenuto.packs.monitors.models import EmailNotice
from tenuto.packs.monitors.timing import distance, spoken

if TYPE_CHECKING:
    from rich.console import Console

    from tenuto.packs.monitors.applying import Planned
    from tenuto.packs.monitors.history import ExecutionRecord
    from tenuto.packs.monitors.keeping import Kept
    from tenuto.packs.monitors.listing import MonitorRow
    from tenuto.packs.monitors.models import CheckRecord, Monitor, Spent

_TOLD = {
    "once": "once, then it is completed",
    "always": "at each check that meets the condition",
    "track_state": "when the condition is met and something else was found",
}


def record_of(kept: "Kept") -> dict[str, Any]:
    """The monitor, its `state`, and its `next_checks`, as a program gets it."""
    due = next_checks(kept) if kept.state == "active" else []
    return {
        **kept.monitor.model_dump(mode="json"),
        "state": kept.state,
        "next_checks": [each.isoformat() for each in due],
    }


def told_to(monitor: "Monitor") -> str:
    """Whom it tells, in a line."""
    named = [
        each.address if isinstance(each, EmailNotice) else f"webhook {each.url}"
        for each in monitor.notifications
    ]
    return " and ".join(named) or "nobody"


def stands(kept: "Kept") -> str:
    """The state, and when it looks next."""
    due = next_checks(kept, 1) if kept.state == "active" else []
    return f"active, looks next at {due[0]:%Y-%m-%d %H:%M %Z}" if due else kept.state


def draw_rows(console: "Console", rows: "Sequence[MonitorRow]") -> None:
    """A line for each monitor."""
    if not rows:
        return
    grid = table("name", "state", "looks", "next check", "last", "id", folds=["name", "id"])
    for row in rows:
        due = stamp(row.next_check) if row.next_check else ""
        is_cron = distance(row.schedule) is None and row.time_zone != "UTC"
        looks = f"{row.schedule} ({row.time_zone})" if is_cron else row.schedule
        grid.add_row(row.name, row.state, looks, due, row.last_status or "", row.id)
    console.print(grid, markup=False)


def draw_monitor(console: "Console", kept: "Kept", last: "ExecutionRecord | None") -> None:
    """A monitor as it was written, and what it found last."""
    monitor = kept.monitor
    due = next_checks(kept) if kept.state == "active" else []
    pairs = [
        ("id", monitor.id),
        ("name", monitor.name),
        ("state", kept.state),
        ("owner", monitor.owner),
        ("asks", monitor.search_query),
        ("tells when", monitor.condition_description),
        ("tells", f"{told_to(monitor)}, {_TOLD[monitor.notify_behavior]}"),
        ("looks", _looks(monitor)),
        ("with", _with(monitor)),
        ("options", _options(monitor)),
        ("next checks", "\n".join(f"{each:%a %Y-%m-%d %H:%M %Z}" for each in due) or None),
        ("last check", f"{stamp(last.started_at)}: {last.status}" if last else "none yet"),
    ]
    if last is not None:
        pairs += [("condition met", _yes_or_no(last.condition_met)), ("found", _found(last))]
        pairs += [("told", _notices(last) or None)]
    console.print(block(pairs), markup=False)


def draw_checks(console: "Console", checks: "Sequence[ExecutionRecord]") -> None:
    """A line for each check."""
    if not checks:
        return
    grid = table("started", "status", "met", "found", "told", "cost", folds=["found", "told"])
    for each in checks:
        cost = _cost(each.spent) if each.spent else ""
        met = _yes_or_no(each.condition_met) or ""
        found = _found(each) or ""
        grid.add_row(stamp(each.started_at), each.status, met, found, _notices(each), cost)
    console.print(grid, markup=False)


def draw_plan(console: "Console", planned: "Sequence[Planned]") -> None:
    """What applying does with each monitor, and which of its values change."""
    for each in planned:
        console.print(f"{each.action}: {each.name}", soft_wrap=True, markup=False)
        for one in each.differences:
            line = f"  {one.field}: {one.before!r} -> {one.after!r}"
            console.print(line, soft_wrap=True, markup=False)


def print_check(output: Output, record: "CheckRecord") -> None:
    """One check that told nobody."""
    pairs = [
        ("condition met", "yes" if record.condition_met else "no"),
        ("why", record.explanation or record.summary),
        ("answer", record.answer),
        ("values", _values(record)),
        (
            "sources",
            "\n".join(each.url for each in record.sources) or "none, so it is not believed",
        ),
        ("cost", _cost(record.spent) or "nothing"),
    ]
    output.record(
        record.model_dump(mode="json", exclude={"memory"}),
        lambda console: console.print(block(pairs), markup=False),
    )


def _looks(monitor: "Monitor") -> str:
    every = distance(monitor.schedule)
    return f"every {spoken(every)}" if every else f"{monitor.schedule} ({monitor.time_zone})"


def _with(monitor: "Monitor") -> str:
    config = monitor.config
    words = [config.provider, config.model, str(config.options.get("url", ""))]
    return " ".join(word for word in words if word)


def _options(monitor: "Monitor") -> str | None:
    """What the provider needs besides the page."""
    others = {name: value for name, value in monitor.config.options.items() if name != "url"}
    return "\n".join(f"{name}: {json.dumps(value)}" for name, value in others.items()) or None


def _found(check: "ExecutionRecord") -> str | None:
    said = check.error or (check.result.summary if check.result else "")
    return " ".join(said.split()) or None


def _notices(check: "ExecutionRecord") -> str:
    return "\n".join(
        f"{each.kind.replace('_', ' ')} to {each.receipt.recipient}: {each.receipt.outcome}"
        for each in check.notices
    )


def _values(record: "CheckRecord") -> str | None:
    """What is compared from check to check; of a whole page that is its text, which is told."""
    state = record.metadata.current_state
    if "digest" in state:
        return None
    said = (f"{name}: {'not there' if v is None else v}" for name, v in state.items())
    return "\n".join(said) or None


def _yes_or_no(fact: bool | None) -> str | None:
    return None if fact is None else "yes" if fact else "no"


def _cost(spent: "Spent") -> str:
    if not spent.calls:
        return ""
    calls = f"{spent.calls} model call{'' if spent.calls == 1 else 's'}"
    return f"{calls}, price not known" if spent.usd is None else f"{calls}, {spent.usd:.4f} USD"
