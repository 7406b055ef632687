"""Checks of monitors on the real engine: what they find, and who is told how often."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from temporalio.client import Client

from monitor_desk import MonitorDesk, monitor_desk, path_of
from tenuto.packs.monitors.history import ExecutionRecord
from tenuto.packs.monitors.models import CheckRecord


@pytest_asyncio.fixture(scope="module")
async def desk(
    client: Client, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[MonitorDesk]:
    """One desk for all tests; each has monitors and pages of its own."""
    async with monitor_desk(client, tmp_path_factory.mktemp("monitors")) as open_desk:
        yield open_desk


async def test_tor_4_a_once_monitor_whose_condition_is_not_met_stays_active_and_tells_nothing(
    desk: MonitorDesk,
) -> None:
    monitor = await desk.create(notify_behavior="once")
    desk.web.says(path_of(monitor), "nothing announced", met=False)
    first = await desk.check(monitor)
    assert first.status == "success"
    assert first.condition_met is False
    assert desk.subjects(monitor) == ["Monitor started"]
    desk.web.says(path_of(monitor), "still nothing", met=False)
    second = await desk.check(monitor)
    assert second.result is not None
    assert second.result.metadata.changed
    assert desk.subjects(monitor) == ["Monitor started"]
    assert (await desk.monitors().find(monitor.id)).state == "active"


async def test_tor_6_a_once_monitor_tells_once_completes_and_never_looks_again_until_reopened(
    desk: MonitorDesk,
) -> None:
    monitor = await desk.create(notify_behavior="once")
    desk.web.says(path_of(monitor), "announced", met=True)
    record = await desk.check(monitor)
    assert record.result is not None
    assert record.result.actions == ("the monitor is completed",)
    assert desk.subjects(monitor) == ["Monitor started", "Condition met"]
    kept = await desk.monitors().find(monitor.id)
    assert (kept.state, kept.schedule.state.paused) == ("completed", True)
    await desk.check(monitor)
    assert desk.subjects(monitor) == ["Monitor started", "Condition met"]
    opened = await desk.monitors().move(monitor.id, "active")
    assert (opened.state, opened.monitor.generation) == ("active", 2)
    await desk.check(monitor)
    assert desk.subjects(monitor) == ["Monitor started", "Condition met", "Condition met"]
    assert (await desk.monitors().find(monitor.id)).state == "completed"


async def test_tor_6_always_tells_each_time_and_track_state_only_what_changed(
    desk: MonitorDesk,
) -> None:
    always = await desk.create(notify_behavior="always")
    tracking = await desk.create(notify_behavior="track_state")
    for state in ("10", "10", "11"):
        for monitor in (always, tracking):
            desk.web.says(path_of(monitor), state, met=True)
            await desk.check(monitor)
    assert desk.subjects(always).count("Condition met") == 3
    assert desk.subjects(tracking).count("Condition met") == 2
    assert (await desk.monitors().find(tracking.id)).state == "active"


async def test_an_answer_without_sources_tells_nobody_and_keeps_what_was_known(
    desk: MonitorDesk,
) -> None:
    monitor = await desk.create(notify_behavior="track_state")
    desk.web.says(path_of(monitor), "10", met=True)
    await desk.check(monitor)
    desk.web.says(path_of(monitor), "somebody says 99", met=True, sources=())
    ungrounded = await desk.check(monitor)
    assert ungrounded.result is not None
    assert ungrounded.condition_met is False
    assert "No source" in ungrounded.result.summary
    desk.web.says(path_of(monitor), "10", met=True)
    again = await desk.check(monitor)
    assert again.result is not None
    assert not again.result.metadata.changed
    assert desk.subjects(monitor).count("Condition met") == 1


async def test_a_webhook_that_fails_stops_no_mail_and_a_mail_that_fails_no_webhook(
    desk: MonitorDesk,
) -> None:
    desk.web.hooks["/gone"] = 410
    monitor = await desk.create(notifications=_both(desk, "ok@example.com", "/gone"), email="")
    desk.web.says(path_of(monitor), "out", met=True)
    told = await desk.check(monitor)
    assert _outcomes(told) == {
        ("welcome", "delivered"),
        ("condition_met", "delivered"),
        ("condition_met", "failed"),
    }
    assert (await desk.monitors().find(monitor.id)).state == "completed"
    other = await desk.create(notifications=_both(desk, "refused@example.com", "/hook"), email="")
    desk.web.says(path_of(other), "out", met=True)
    told = await desk.check(other)
    assert _outcomes(told) == {
        ("welcome", "failed"),
        ("condition_met", "failed"),
        ("condition_met", "delivered"),
    }
    assert [each["data"]["task"]["id"] for each in desk.web.events] == [other.id]
    assert (await desk.monitors().find(other.id)).state == "completed"


async def test_a_once_monitor_that_reached_nobody_stays_active_and_tells_at_the_next_check(
    desk: MonitorDesk,
) -> None:
    desk.web.hooks["/late"] = 410
    hook = {
        "type": "webhook",
        "url": f"{desk.web.url}/late",
        "secrets": ["secret://env/MONITOR_HOOK"],
    }
    monitor = await desk.create(notifications=[hook], email="")
    desk.web.says(path_of(monitor), "out", met=True)
    first = await desk.check(monitor)
    assert _outcomes(first) == {("condition_met", "failed")}
    assert (await desk.monitors().find(monitor.id)).state == "active"
    desk.web.hooks["/late"] = 200
    second = await desk.check(monitor)
    assert _outcomes(second) == {("condition_met", "delivered")}
    assert (await desk.monitors().find(monitor.id)).state == "completed"


async def test_a_change_that_nobody_heard_of_is_told_later_though_nothing_changed_since(
    desk: MonitorDesk,
) -> None:
    desk.web.hooks["/owed"] = 410
    hook = {
        "type": "webhook",
        "url": f"{desk.web.url}/owed",
        "secrets": ["secret://env/MONITOR_HOOK"],
    }
    monitor = await desk.create(notifications=[hook], email="", notify_behavior="track_state")
    desk.web.says(path_of(monitor), "out", met=True)
    await desk.check(monitor)
    desk.web.hooks["/owed"] = 200
    told = await desk.check(monitor)
    assert told.result is not None
    assert not told.result.metadata.changed
    assert _outcomes(told) == {("condition_met", "delivered")}
    assert _outcomes(await desk.check(monitor)) == set()


async def test_a_monitor_without_anybody_to_tell_completes(desk: MonitorDesk) -> None:
    monitor = await desk.create(notifications=[], email="")
    desk.web.says(path_of(monitor), "out", met=True)
    await desk.check(monitor)
    assert (await desk.monitors().find(monitor.id)).state == "completed"


async def test_a_preview_finds_tells_nobody_and_is_kept_nowhere(desk: MonitorDesk) -> None:
    draft = desk.draft()
    path = str(draft.config.options["url"]).split("/", 3)[3]
    desk.web.says(f"/{path}", "out", met=True)
    before = len(desk.mail.received)
    run = await desk.monitors().preview(draft)
    record: CheckRecord = await run.result()
    assert record.condition_met
    assert record.notices == ()
    assert len(desk.mail.received) == before
    assert draft.name not in [row.name for row in await desk.monitors().all()]


async def test_tor_12_a_quiet_check_compares_with_what_is_known_and_leaves_no_trace(
    desk: MonitorDesk,
) -> None:
    monitor = await desk.create(notify_behavior="track_state")
    desk.web.says(path_of(monitor), "10", met=True)
    await desk.check(monitor)
    told = len(desk.mails(monitor))
    desk.web.says(path_of(monitor), "11", met=True)
    record: CheckRecord = await (await desk.monitors().run_quietly(monitor.id)).result()
    assert record.metadata.changed
    assert len(desk.mails(monitor)) == told
    after = await desk.check(monitor)
    assert after.result is not None
    assert after.result.metadata.changed
    assert len(await desk.monitors().history(monitor.id)) == 2


async def test_another_question_begins_anew_and_greets_nobody_again(desk: MonitorDesk) -> None:
    monitor = await desk.create(notify_behavior="track_state")
    desk.web.says(path_of(monitor), "10", met=False)
    await desk.check(monitor)
    await desk.monitors().update(monitor.id, {"search_query": "What is it now?"})
    desk.web.says(path_of(monitor), "20", met=False)
    record = await desk.check(monitor)
    assert record.result is not None
    assert record.result.metadata.comparison_method == "none"
    assert desk.subjects(monitor) == ["Monitor started"]


def _both(desk: MonitorDesk, address: str, path: str) -> list[dict[str, Any]]:
    hook = {"type": "webhook", "url": desk.web.url + path, "secrets": ["secret://env/MONITOR_HOOK"]}
    return [{"type": "email", "address": address}, hook]


def _outcomes(record: ExecutionRecord) -> set[tuple[str, str]]:
    return {(each.kind, each.receipt.outcome) for each in record.notices}


async def test_tor_14_the_eleventh_mail_of_an_hour_to_an_address_is_not_sent_and_shown(
    desk: MonitorDesk,
) -> None:
    monitor = await desk.create(notify_behavior="always")
    desk.web.says(path_of(monitor), "10", met=True)
    outcomes = [_outcomes(await desk.check(monitor)) for _ in range(11)]
    assert outcomes[0] == {("welcome", "delivered"), ("condition_met", "delivered")}
    assert outcomes[8] == {("condition_met", "delivered")}
    assert outcomes[9] == outcomes[10] == {("condition_met", "suppressed")}
    assert len(desk.mails(monitor)) == 10
    (newest, *_) = await desk.monitors().history(monitor.id)
    assert "10 mails an hour" in newest.notices[0].receipt.detail


async def test_tor_14_mail_that_is_not_configured_is_skipped_visibly_and_completes_nothing(
    desk: MonitorDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TENUTO_SMTP_HOST")
    monitor = await desk.create(notify_behavior="once")
    desk.web.says(path_of(monitor), "out", met=True)
    record = await desk.check(monitor)
    assert _outcomes(record) == {("welcome", "skipped"), ("condition_met", "skipped")}
    assert (await desk.monitors().find(monitor.id)).state == "active"
