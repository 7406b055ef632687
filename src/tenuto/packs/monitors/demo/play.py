"""`tenuto demo monitor`: unmet, met across a killed worker, unchanged, failing, working again."""

from typing import TYPE_CHECKING, Any

from tenuto.packs.monitors.demo.workplace import SECRET, Workplace, workplace
from tenuto.packs.monitors.history import ExecutionRecord
from tenuto.packs.monitors.models import Draft, Monitor
from tenuto.packs.monitors.running import Started
from tenuto.testing import eventually
from tenuto.triggers.demo import Played, Stage

if TYPE_CHECKING:
    from rich.console import Console

EXPECTED = (
    ("too expensive", "success", ("Monitor started",), 0),
    ("cheap, and the worker is killed", "success", ("Condition met",), 1),
    ("the same price", "success", (), 0),
    ("the page is gone", "failed", ("Monitor fails",), 0),
    ("it is there again", "success", ("Monitor works again",), 0),
)
"""What each check is about, how it ends, which mails it sends, and how many events."""


async def play(stage: Stage) -> Played:
    """A monitor of a page on this machine, without any model.

    As promised when every check told exactly whom it had to, although the worker was killed with
    SIGKILL in the middle of the one that had something to tell.
    """
    async with workplace(stage) as place:
        created = await place.monitors.create(_draft(place))
        monitor = created.monitor
        stage.say(f"Monitor {monitor.id} looks at {place.page}, daily. It is asked to look now:\n")
        checks = [
            await _check(place, monitor, 0),
            await _check_while_killed(place, monitor, 1),
            await _check(place, monitor, 2),
            await _check(place, monitor, 3, price=None),
            await _check(place, monitor, 4, price="379.00"),
        ]
        record: dict[str, Any] = {
            "monitor": monitor.id,
            "checks": checks,
            "mails": place.mailbox.subjects,
            "events": len(place.receiver.events),
            "is_as_promised": all(each["is_as_promised"] for each in checks),
        }
    return Played(
        record=record,
        draw=lambda console: _draw(console, record),
        is_as_promised=record["is_as_promised"],
    )


def _draft(place: Workplace) -> Draft:
    price = {"selector": "b.price"}
    return Draft.model_validate(
        {
            "name": "Coffee machine",
            "search_query": "What does the coffee machine cost?",
            "condition_description": "it costs less than 400 EUR",
            "schedule": "24 hours",
            "notify_behavior": "track_state",
            "config": {
                "provider": "page",
                "options": {
                    "url": place.page,
                    "fields": [{"name": "price", "type": "number", **price}],
                    "condition": {"kind": "number", "compare": "<", "value": "400", **price},
                },
            },
            "notifications": [
                {"type": "email", "address": "ann@example.com"},
                {"type": "webhook", "url": place.hook, "secrets": [f"secret://env/{SECRET}"]},
            ],
            "failures_before_alarm": 1,
        }
    )


async def _check(
    place: Workplace, monitor: Monitor, turn: int, price: str | None = "keep"
) -> dict[str, Any]:
    if price != "keep":
        place.shop.price = price
    mails, events = len(place.mailbox.subjects), len(place.receiver.events)
    return await _ended(place, monitor, turn, await place.monitors.run(monitor.id), mails, events)


async def _check_while_killed(place: Workplace, monitor: Monitor, turn: int) -> dict[str, Any]:
    place.shop.price = "379.00"
    mails, events = len(place.mailbox.subjects), len(place.receiver.events)
    asked = place.shop.asked
    with place.shop.hesitating():
        started = await place.monitors.run(monitor.id)
        await eventually(lambda: _holds(place.shop.asked > asked))
        await place.worker.kill()
    place.stage.say("  The worker is killed (SIGKILL) while it reads the page; another one starts.")
    await place.worker.begin()
    return await _ended(place, monitor, turn, started, mails, events)


async def _ended(
    place: Workplace, monitor: Monitor, turn: int, started: Started, mails: int, events: int
) -> dict[str, Any]:
    done = await eventually(lambda: _record(place, monitor, started), timeout_s=60)
    about, status, subjects, posted = EXPECTED[turn]
    told = [subject.split(":")[0] for subject in place.mailbox.subjects[mails:]]
    came = len(place.receiver.events) - events
    is_right = (done.status, tuple(told), came) == (status, subjects, posted)
    found = done.error or (done.result.summary if done.result else "")
    said = ", ".join(told + ["a signed event"] * came) or "nobody is told"
    place.stage.say(f"{'✓' if is_right else '✗'} {about}: {done.status}; {said}")
    return {
        "about": about,
        "workflow_id": done.workflow_id,
        "status": done.status,
        "condition_met": done.condition_met,
        "found": found,
        "mails": told,
        "events": came,
        "is_as_promised": is_right,
    }


async def _record(place: Workplace, monitor: Monitor, started: Started) -> ExecutionRecord:
    checks = await place.monitors.history(monitor.id)
    (found,) = [each for each in checks if each.run_id == started.run_id] or (None,)
    assert found is not None  # noqa: S101 (asked again until it is listed)
    assert found.ended_at is not None  # noqa: S101 (until it has ended)
    kept = await place.monitors.find(monitor.id)
    assert not kept.info.running_workflows  # noqa: S101 (until the schedule knows)
    return found


def _holds(fact: bool) -> None:
    assert fact  # noqa: S101 (asked again until it holds)


def _draw(console: "Console", record: dict[str, Any]) -> None:
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("", "Check", "Ends", "Met", "Mails", "Events"):
        table.add_column(column, no_wrap=column != "Check")
    for each in record["checks"]:
        met = {True: "yes", False: "no", None: ""}[each["condition_met"]]
        mark = "✓" if each["is_as_promised"] else "✗"
        mails = ", ".join(each["mails"])
        table.add_row(mark, each["about"], each["status"], met, mails, str(each["events"]))
    console.print()
    console.print(table, markup=False)
    console.print()
    console.print(
        f"{len(record['mails'])} mails and {record['events']} event for five checks and one killed"
        " worker: nothing was lost, nothing was told twice."
        if record["is_as_promised"]
        else "Not as promised: see the checks marked ✗."
    )
