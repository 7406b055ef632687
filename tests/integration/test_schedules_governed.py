"""Schedules as code under rules: who may apply which, and what proves each start."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio
from temporalio.client import Client, ScheduleActionStartWorkflow

from guarded_desk import ANN_MAY_ALL, WordRules
from schedule_desk import STEPS, ScheduleDesk
from tenuto.engine.headers import header_text
from tenuto.engine.runs.moments import now
from tenuto.identity.signing import verified
from tenuto.identity.ticket import HEADER_PERMIT, Permit
from tenuto.triggers.schedules.plan import Deed


@pytest_asyncio.fixture
async def desk(client: Client, tmp_path: Path) -> AsyncIterator[ScheduleDesk]:
    """A project whose rules let Ann do everything."""
    desk = ScheduleDesk(client, tmp_path, rules=ANN_MAY_ALL)
    yield desk
    await desk.close()


TWO = f"schedules:\n  '@a': {{{STEPS}, every: 1h}}\n  '@b': {{{STEPS}, every: 1h}}\n"


async def test_a_schedule_that_the_rules_deny_is_told_and_the_others_are_made(
    desk: ScheduleDesk,
) -> None:
    gate = desk.gate_with(WordRules(("u:ann", "schedule:apply", desk.id("b"))))
    assert await desk.deeds(TWO, gate=gate) == {"a": "policy.denied", "b": Deed.CREATE}
    assert not await desk.is_there(desk.id("a"))
    (refusal,) = desk.records.of("refusal")
    assert refusal["resource"] == {"type": "Schedule", "id": desk.id("a"), "attributes": {}}
    (decision,) = desk.records.of("decision")
    assert decision["context"] == {"workflow": "five-steps"}


async def test_pruning_needs_leave_to_delete(desk: ScheduleDesk) -> None:
    await desk.apply(TWO)
    denied = desk.gate_with(WordRules(("u:ann", "schedule:apply", "*")))
    outcomes = {}
    while "b" not in outcomes:  # until the listing has it
        outcomes = await desk.deeds("schedules: {}", gate=denied, prune=True)
    assert outcomes["b"] == "policy.denied"
    assert (await desk.described("b")).id == desk.id("b")


async def test_one_permit_stands_for_all_starts_and_is_made_anew_with_other_rules(
    desk: ScheduleDesk,
) -> None:
    assert await desk.deeds(TWO) == {"a": Deed.CREATE, "b": Deed.CREATE}
    first = await permit(desk, "a")
    assert (first.schedule, first.wid, first.exp) == (desk.id("a"), desk.id("a"), None)
    assert (first.type, first.sub) == ("FiveSteps", "u:ann")
    assert await desk.deeds(TWO) == {"a": Deed.UNCHANGED, "b": Deed.UNCHANGED}
    assert (await permit(desk, "a")).jti == first.jti

    other = desk.gate_with(WordRules(*ANN_MAY_ALL.rules, ("u:ben", "*", "*")))
    assert await desk.deeds(TWO, gate=other) == {"a": Deed.UPDATE, "b": Deed.UPDATE}
    assert (await permit(desk, "a")).pol != first.pol

    desk.keys.rotate("decisions", now())
    assert await desk.deeds(TWO, gate=other) == {"a": Deed.UPDATE, "b": Deed.UPDATE}
    assert len({(await permit(desk, name)).jti for name in "ab"}) == 2


async def permit(desk: ScheduleDesk, short: str) -> Permit:
    """What proves the starts of a schedule, verified with the desk's keys."""
    action = (await desk.described(short)).schedule.action
    assert isinstance(action, ScheduleActionStartWorkflow)
    text = header_text(action.headers or {}, HEADER_PERMIT)
    assert text is not None
    return verified(text, Permit, desk.keys.read("decisions"))
