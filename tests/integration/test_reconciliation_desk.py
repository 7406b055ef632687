"""The break desk on the real engine: people's work, four eyes, notices by age, long lives."""

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from temporalio.client import Client, WorkflowExecutionStatus

from rec_room import DAY, NEXT, RecRoom, rules_for
from rec_runs import (
    answered,
    desk_of,
    open_cases,
    rec_client,
    rec_id,
    reconcile,
    refusal_of,
    room,
    scratch,
    story_of,
    task_of,
)
from signed_words import decide, open_now, tell
from task_desk import refused
from tenuto.catalog.library.tasks.request import Amount
from tenuto.engine.converter import error_code
from tenuto.packs.finance.reconciliation import catalog
from tenuto.packs.finance.reconciliation.cases import (
    Accept,
    Assign,
    AttachEvidence,
    BreakCase,
    DeskRequest,
    DeskState,
    DeskSummary,
    Find,
    MatchByHand,
    Mute,
    Reopen,
    Resolve,
    TakeBreaks,
    TakenBreaks,
)
from tenuto.testing import eventually
from tenuto.testing.time_skipping import can_skip_time, skip_time
from tenuto.triggers.start import Handle, start

__all__ = ["rec_client", "rec_id", "room", "scratch"]

CHECKERS = ("g:rec-approvers",)
HEADER = "account,currency,reference,date,amount\n"


def cash(*rows: tuple[str, str]) -> str:
    return HEADER + "".join(f"C,EUR,{ref},2024-01-03,{amount}\n" for ref, amount in rows)


OURS = cash(("R1", "500"), ("R2", "250000"), ("R3", "7"))
THEIRS = cash(("X1", "501"), ("X9", "1"))


@dataclass(frozen=True)
class Desk:
    """A desk that holds the breaks of one run."""

    client: Client
    rec_id: str
    handle: Handle
    by_key: dict[str, BreakCase]

    def id_of(self, reference: str) -> str:
        return self.by_key[f"account=C currency=EUR reference={reference}"].break_id

    async def say(self, name: str, change: Any) -> Any:
        return await tell(self.handle, name, change)

    async def has(self, reference: str, **fields: Any) -> BreakCase:
        """The break, once its fields are these."""

        async def shows() -> None:
            case = await self.case(reference)
            assert {name: getattr(case, name) for name in fields} == fields

        await eventually(shows)
        return await self.case(reference)

    async def case(self, reference: str) -> BreakCase:
        return await story_of(self.client, self.rec_id, self.id_of(reference))


async def opened(client: Client, room: RecRoom, rec_id: str, **rules: Any) -> Desk:
    await reconcile(client, room.request(rules_for("cash", rec_id=rec_id, **rules), OURS, THEIRS))
    cases = await open_cases(client, rec_id)
    return Desk(client, rec_id, desk_of(client, rec_id), {case.key: case for case in cases})


async def test_ops_9_small_breaks_close_at_once_and_large_ones_need_a_second_person(
    rec_client: Client, room: RecRoom, rec_id: str
) -> None:
    desk = await opened(rec_client, room, rec_id)
    both = (desk.id_of("R3"), desk.id_of("R2"))
    await desk.say(
        "resolve", Resolve(break_ids=both, kind="ACCEPTED_DIFFERENCE", reason="known", by="Ann")
    )
    assert (await desk.case("R3")).status == "ACCEPTED"
    waiting = await desk.case("R2")
    assert waiting.status != "ACCEPTED"
    assert waiting.resolution is not None
    assert waiting.resolution.checker is None

    around = await refusal_of(desk.say("accept", Accept(break_id=both[1], by="Bob")))
    assert error_code(around) == "reconciliation.decide-the-task"
    task = await task_of(rec_client, rec_id, both[1])
    assert task in around.message
    asked = (await open_now(rec_client, task)).request
    assert (asked.kind, asked.requester) == ("break.close", "u:ann")
    assert asked.amount == Amount(value="250000.00", currency="EUR")
    by_maker = decide(rec_client, task, as_="u:ann", groups=CHECKERS)
    assert await refused(by_maker) == "task.own-request"
    by_outsider = decide(rec_client, task, as_="u:eve", groups=("g:sales",))
    assert await refused(by_outsider) == "task.not-a-candidate"
    await decide(rec_client, task, as_="u:bob", groups=CHECKERS)
    closed = await desk.has("R2", status="ACCEPTED")
    assert closed.resolution is not None
    assert closed.resolution.checker == "u:bob"
    assert closed.story[-1].what == f"accepted (task {task})"

    late = await refusal_of(desk.say("assign", Assign(break_ids=both, owner="x", by="Ann")))
    assert "reopen it first" in late.message
    await desk.say("reopen", Reopen(break_id=both[0], reason="not so", by="Cy"))
    again = await desk.case("R3")
    assert again.status in ("DETECTED", "ESCALATED")
    assert again.resolution is None


async def test_ops_9_an_accepted_break_no_longer_counts_in_the_next_run(
    rec_client: Client, room: RecRoom, rec_id: str
) -> None:
    desk = await opened(rec_client, room, rec_id, carry_open=False)
    await desk.say(
        "resolve",
        Resolve(
            break_ids=(desk.id_of("R3"),), kind="ACCEPTED_DIFFERENCE", reason="known", by="Ann"
        ),
    )
    await desk.say(
        "resolve",
        Resolve(break_ids=(desk.id_of("X9"),), kind="DATA_FIX", reason="fixed", by="Ann"),
    )
    rules = rules_for("cash", rec_id=rec_id, carry_open=False)
    second = await reconcile(rec_client, room.request(rules, OURS, THEIRS, day=NEXT))
    assert second.open_breaks == len(desk.by_key) - 1
    assert (await desk.case("R3")).status == "ACCEPTED"
    still = await desk.case("X9")
    assert still.status in ("DETECTED", "ESCALATED")
    assert any("still found after DATA_FIX" in line.what for line in still.story)


async def test_ops_9_a_manual_match_is_heeded_by_later_runs(
    rec_client: Client, room: RecRoom, rec_id: str
) -> None:
    desk = await opened(rec_client, room, rec_id, carry_open=False)
    pair = (desk.id_of("R1"), desk.id_of("X1"))
    await desk.say("match_by_hand", MatchByHand(break_ids=pair, reason="same coupon", by="Ann"))
    assert (await desk.case("R1")).status == "RESOLVED"
    rules = rules_for("cash", rec_id=rec_id, carry_open=False)
    second = await reconcile(rec_client, room.request(rules, OURS, THEIRS, day=NEXT))
    assert second.matches == 1
    assert second.open_breaks == len(desk.by_key) - 2
    matches = room.store.get_table(room.store.resolve(f"{second.run_id}/breaks.parquet").uri)
    assert not set(matches["break_id"]) & set(pair)
    await desk.say("reopen", Reopen(break_id=pair[0], reason="wrong", by="Bob"))
    third = await reconcile(
        rec_client, room.request(rules, OURS, THEIRS, day=NEXT + timedelta(days=1))
    )
    assert third.matches == 0


async def test_ops_9_a_rejected_resolution_lapses_with_its_reason(
    rec_client: Client, room: RecRoom, rec_id: str
) -> None:
    desk = await opened(rec_client, room, rec_id)
    large = (desk.id_of("R2"),)
    await desk.say("resolve", Resolve(break_ids=large, kind="DATA_FIX", reason="fixed", by="Ann"))
    task = await task_of(rec_client, rec_id, large[0])
    await decide(rec_client, task, "reject", as_="u:bob", groups=CHECKERS, comment="not booked yet")
    still = await desk.has("R2", resolution=None)
    assert still.status not in ("RESOLVED", "ACCEPTED")
    assert (still.story[-1].by, still.story[-1].what) == (
        "u:bob",
        "DATA_FIX rejected: not booked yet",
    )


@pytest.mark.attack
async def test_ops_9_a_break_that_changed_cannot_be_closed_by_the_old_task(
    rec_client: Client, room: RecRoom, rec_id: str
) -> None:
    desk = await opened(rec_client, room, rec_id, carry_open=False)
    large = (desk.id_of("R2"),)
    await desk.say(
        "resolve", Resolve(break_ids=large, kind="ACCEPTED_DIFFERENCE", reason="known", by="Ann")
    )
    task = await task_of(rec_client, rec_id, large[0])
    rules = rules_for("cash", rec_id=rec_id, carry_open=False)
    worse = OURS.replace("250000", "350000")
    await reconcile(rec_client, room.request(rules, worse, THEIRS, day=NEXT))
    changed = await desk.has("R2", resolution=None)
    assert changed.ours != desk.by_key[changed.key].ours
    handle = rec_client.get_workflow_handle(task)

    async def is_taken_back() -> None:
        assert (await handle.describe()).status is WorkflowExecutionStatus.CANCELED

    await eventually(is_taken_back)
    await refused(decide(rec_client, task, as_="u:bob", groups=CHECKERS))
    assert (await desk.case("R2")).status not in ("RESOLVED", "ACCEPTED")


async def test_ova_18_a_renewed_desk_asks_again_for_what_waits(
    rec_client: Client, room: RecRoom, rec_id: str
) -> None:
    desk = await opened(rec_client, room, rec_id)
    large = (desk.id_of("R2"),)
    await desk.say("resolve", Resolve(break_ids=large, kind="DATA_FIX", reason="fixed", by="Ann"))
    first = await task_of(rec_client, rec_id, large[0])
    await desk.handle.execute_update("renew")

    async def asks_anew() -> None:
        tasks = await desk.handle.query("tasks", result_type=dict[str, str])
        assert tasks.get(large[0]) not in (None, first)

    await eventually(lambda: answered(asks_anew()))
    second = await task_of(rec_client, rec_id, large[0])
    await open_now(rec_client, second)
    await decide(rec_client, second, as_="u:bob", groups=CHECKERS)
    assert (await desk.has("R2", status="RESOLVED")).closed_at is not None


async def test_ova_7_unknown_breaks_and_empty_words_are_refused(
    rec_client: Client, room: RecRoom, rec_id: str
) -> None:
    desk = await opened(rec_client, room, rec_id)
    nobody = Accept(break_id="0" * 32, by="Ann")
    refusal = await refusal_of(desk.say("accept", nobody))
    assert "no break" in refusal.message
    refusal = await refusal_of(desk.say("accept", Accept(break_id=desk.id_of("R1"), by="Ann")))
    assert "resolve it first" in refusal.message
    empty = {"break_id": desk.id_of("R1"), "until": "2030-01-01", "reason": " ", "by": "Ann"}
    refusal = await refusal_of(desk.handle.execute_update("mute", empty))
    assert error_code(refusal) == "input.invalid"
    unsigned = Assign(break_ids=(desk.id_of("R1"),), owner="ann", by="Ann")
    refusal = await refusal_of(desk.handle.execute_update("assign", unsigned))
    assert error_code(refusal) == "ticket.missing"
    evidence = room.document("mail.txt", "from the bank")
    await desk.say("attach", AttachEvidence(break_id=desk.id_of("R1"), evidence=evidence, by="Ann"))
    assert (await desk.case("R1")).evidence == (evidence,)


async def test_ops_9_breaks_are_found_by_owner_priority_and_age(
    rec_client: Client, room: RecRoom, rec_id: str
) -> None:
    desk = await opened(rec_client, room, rec_id)
    await desk.say("assign", Assign(break_ids=(desk.id_of("R3"),), owner="ann", by="bob"))
    assert [c.key[-2:] for c in await open_cases(rec_client, rec_id, owner="ann")] == ["R3"]
    assert [c.key[-2:] for c in await open_cases(rec_client, rec_id, limit=1)] == ["R2"]
    assert await open_cases(rec_client, rec_id, min_age_days=1) == ()
    summary: DeskSummary = await desk.handle.query("summary", result_type=DeskSummary)
    assert (summary.open, summary.by_owner["ann"], summary.last_date) == (5, 1, DAY)


# Notices


@pytest.fixture
def outbox(tmp_path: Path) -> Path:
    return tmp_path / "outbox"


def told(outbox: Path) -> list[tuple[str, list[str]]]:
    notices = [json.loads(each.read_text()) for each in sorted(outbox.rglob("*.json"))]
    return sorted(
        (each["type"], sorted(line["key"][-2:] for line in each["breaks"])) for each in notices
    )


def case_of(number: int, first_seen: date, **changed: Any) -> BreakCase:
    values: dict[str, Any] = {
        "break_id": f"{number:032x}",
        "items": (f"{number:032x}",),
        "key": f"reference=N{number}",
        "break_class": "missing-ours",
        "category": "DATA",
        "level": "L3_TRANSACTION",
        "priority": "low",
        "outcome": "New",
        "field": "",
        "ours": "",
        "theirs": "1",
        "variance_base": Decimal(number),
        "first_seen": first_seen,
        "last_seen": first_seen,
        "fingerprint": "f",
    }
    return BreakCase.model_validate(values | changed)


async def test_ops_10_the_manager_is_told_on_day_3_and_it_escalates_after_day_5(
    rec_client: Client, room: RecRoom, rec_id: str, outbox: Path
) -> None:
    if not await can_skip_time(rec_client):
        pytest.skip("this server does not skip time")
    notices = [
        {"name": "boss", "role": "manager", "channel": "file", "target": str(outbox)},
        {"name": "risk", "role": "escalation", "channel": "file", "target": str(outbox)},
    ]
    rules = rules_for("cash", rec_id=rec_id, notices=notices)
    now = datetime.now(UTC)
    today = now.date()
    cases = (
        case_of(1, today, notify_at=now + timedelta(days=3), escalate_at=now + timedelta(days=6)),
        case_of(
            2,
            today,
            notify_at=now + timedelta(days=3),
            escalate_at=now + timedelta(days=6),
            muted_until=today + timedelta(days=4),
        ),
    )
    skipping = skip_time(rec_client)
    handle = await start(
        skipping, catalog.break_desk, DeskRequest(rules=rules, state=DeskState(cases=cases))
    )

    async def both_escalated() -> None:
        for case in cases:
            found = await answered(handle.query("story", case.break_id, result_type=BreakCase))
            assert found.step == "escalate"

    await eventually(both_escalated)
    story = (await handle.query("story", cases[0].break_id, result_type=BreakCase)).story
    assert [(line.what, (line.at.date() - today).days) for line in story] == [
        ("manager notified: boss", 3),
        ("escalated: risk", 6),
    ]
    muted = (await handle.query("story", cases[1].break_id, result_type=BreakCase)).story
    assert [(line.at.date() - today).days for line in muted] == [5, 6]
    assert told(outbox) == [
        ("breaks.escalate", ["N1", "N2"]),
        ("breaks.notify", ["N1"]),
        ("breaks.notify", ["N2"]),
    ]
    await handle.terminate("test")


async def test_ops_15_a_notice_that_cannot_be_delivered_is_tried_again_and_arrives_once(
    rec_client: Client, room: RecRoom, rec_id: str, outbox: Path
) -> None:
    if not await can_skip_time(rec_client):
        pytest.skip("this server does not skip time")
    outbox.write_text("a file where a folder should be")
    notices = [{"name": "boss", "role": "manager", "channel": "file", "target": str(outbox)}]
    rules = rules_for("cash", rec_id=rec_id, notices=notices)
    now = datetime.now(UTC)
    case = case_of(1, now.date(), notify_at=now - timedelta(days=1))
    handle = await start(
        skip_time(rec_client),
        catalog.break_desk,
        DeskRequest(rules=rules, state=DeskState(cases=(case,))),
    )

    async def undelivered(expected: int) -> None:
        summary: DeskSummary = await answered(handle.query("summary", result_type=DeskSummary))
        assert summary.undelivered == expected

    await eventually(lambda: undelivered(1))
    outbox.unlink()
    await eventually(lambda: undelivered(0))
    assert told(outbox) == [("breaks.notify", ["N1"])]
    await handle.terminate("test")


# Long lives


@pytest.mark.timeout(180)
async def test_ova_18_ten_thousand_breaks_stay_inside_the_limits(
    rec_client: Client, room: RecRoom, rec_id: str
) -> None:
    rules = rules_for("cash", rec_id=rec_id)
    cases = tuple(case_of(number, DAY) for number in range(1, 10_001))
    handle = await start(
        rec_client, catalog.break_desk, DeskRequest(rules=rules, state=DeskState(cases=cases))
    )
    for day in (1, 2):
        taken: TakenBreaks = await handle.execute_update(
            "take",
            TakeBreaks(
                run_id=f"reconciliation/{rec_id}/2024-01-0{day + 3}/v1",
                date=date(2024, 1, day + 3),
                rules=rules,
                cases=tuple(
                    each.model_copy(update={"fingerprint": f"f{day}", "outcome": "Changed"})
                    for each in cases
                ),
                closed=(),
                beyond=5,
            ),
            result_type=TakenBreaks,
        )
        assert (taken.open, taken.beyond) == (10_000, 5)
    described = await handle.describe()
    size = described.raw_description.workflow_execution_info.history_size_bytes
    assert size < 5_000_000
    found = await handle.query("find", Find(limit=1, offset=9_999), result_type=None)
    assert found["total"] == 10_000
    story = await handle.query("story", cases[0].break_id, result_type=BreakCase)
    assert [line.what.split()[0] for line in story.story] == ["changed", "changed"]
    await handle.terminate("test")


async def test_ova_18_the_desk_goes_on_in_a_new_history_and_forgets_nothing(
    rec_client: Client, room: RecRoom, rec_id: str
) -> None:
    desk = await opened(rec_client, room, rec_id)
    first = await desk.handle.describe()
    for number in range(30):
        await desk.say(
            "assign",
            Assign(break_ids=(desk.id_of("R1"),), owner=f"person {number}", by="Ann"),
        )
    await desk.handle.execute_update("renew")

    async def renewed() -> None:
        described = await desk.handle.describe()
        assert described.run_id != first.run_id
        assert described.status is WorkflowExecutionStatus.RUNNING

    await eventually(renewed)
    case = await desk.case("R1")
    assert case.owner == "person 29"
    assert len([line for line in case.story if line.by == "Ann"]) == 30


async def test_ops_10_a_muted_break_says_until_when(
    rec_client: Client, room: RecRoom, rec_id: str
) -> None:
    desk = await opened(rec_client, room, rec_id)
    until = date(2030, 1, 1)
    await desk.say(
        "mute", Mute(break_id=desk.id_of("R1"), until=until, reason="paid on Friday", by="Ann")
    )
    case = await desk.case("R1")
    assert case.muted_until == until
    assert "paid on Friday" in case.story[-1].what
