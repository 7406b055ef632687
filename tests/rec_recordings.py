"""The reconciliation runs whose histories are recorded: each through all it can do."""

import contextlib
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from temporalio.client import Client, WorkflowUpdateFailedError

from rec_room import NEXT, RecRoom, rules_for
from rec_runs import begin, desk_of, open_cases, reconcile, story_of, task_of
from signed_words import decide, tell
from tenuto.artifacts.store import open_store
from tenuto.packs.finance.reconciliation.cases import (
    Accept,
    Assign,
    CloseDesk,
    MatchByHand,
    Mute,
    Remark,
    Reopen,
    Resolve,
)
from tenuto.packs.finance.reconciliation.handoffs import Progress, SupplySource
from tenuto.packs.finance.reconciliation.workflow import Reconciliation
from tenuto.testing import eventually
from tenuto.triggers.start import Handle

CHECKERS = ("g:rec-approvers",)
HEADER = "account,currency,reference,date,amount\n"
OURS = HEADER + "C,EUR,R1,2024-01-03,500\nC,EUR,R2,2024-01-03,250000\nC,EUR,R3,2024-01-03,7\n"
THEIRS = HEADER + "C,EUR,X1,2024-01-03,501\nC,EUR,X9,2024-01-03,1\n"


async def reconciliation(client: Client, folder: Path) -> Handle:
    """A run that waits for a late side, refuses a wrong file, and tells the desk."""
    room = RecRoom(open_store(f"{folder}/artifacts"))
    rules = rules_for("cash", rec_id="REPLAY", on_late="wait")
    await reconcile(client, room.request(rules, OURS, THEIRS))
    handle = await begin(client, room.request(rules, OURS, None, day=NEXT))

    async def waits() -> None:
        progress: Progress = await handle.query(Reconciliation.progress)
        assert progress.late == ("theirs",)

    await eventually(waits)
    wrong = SupplySource(side="theirs", source=room.document("wrong.csv", "nonsense\n1\n"))
    with contextlib.suppress(WorkflowUpdateFailedError):
        await handle.execute_update(Reconciliation.supply_source, wrong)
    good = SupplySource(side="theirs", source=room.document("theirs.csv", THEIRS))
    await handle.execute_update(Reconciliation.supply_source, good)
    return handle


async def break_desk(client: Client, folder: Path) -> Handle:
    """A desk that takes two runs, notices that arrive and that do not, and people's work."""
    room = RecRoom(open_store(f"{folder}/artifacts"))
    unreachable = folder / "unreachable"
    unreachable.write_text("a file where a folder should be")
    notices = [
        {"name": "desk", "role": "manager", "channel": "file", "target": str(folder / "out")},
        {"name": "gone", "role": "escalation", "channel": "file", "target": str(unreachable)},
    ]
    rules = rules_for("cash", rec_id="REPLAY-DESK", notices=notices, carry_open=False)
    await reconcile(client, room.request(rules, OURS, THEIRS))
    desk = desk_of(client, "REPLAY-DESK")
    cases = {case.key[-2:]: case.break_id for case in await open_cases(client, "REPLAY-DESK")}
    ann, bob = "Ann", "Bob"
    large = (cases["R2"],)
    await tell(desk, "assign", Assign(break_ids=large, owner=ann, by=bob))
    await tell(
        desk, "remark", Remark(break_id=cases["R2"], text="asked", by=ann, status="ANALYZING")
    )
    await tell(
        desk,
        "resolve",
        Resolve(break_ids=large, kind="ACCEPTED_DIFFERENCE", reason="known", by=ann),
    )
    with contextlib.suppress(WorkflowUpdateFailedError):
        await tell(desk, "accept", Accept(break_id=cases["R2"], by=bob))
    task = await task_of(client, "REPLAY-DESK", cases["R2"])
    await decide(client, task, "reject", as_="u:bob", groups=CHECKERS, comment="say more")
    await eventually(lambda: _is(client, cases["R2"], "ANALYZING"))
    await tell(
        desk, "resolve", Resolve(break_ids=large, kind="ACCEPTED_DIFFERENCE", reason="fee", by=ann)
    )
    task = await task_of(client, "REPLAY-DESK", cases["R2"])
    await decide(client, task, as_="u:bob", groups=CHECKERS)
    await eventually(lambda: _is(client, cases["R2"], "ACCEPTED"))
    pair = (cases["R1"], cases["X1"])
    await tell(desk, "match_by_hand", MatchByHand(break_ids=pair, reason="same", by=ann))
    await tell(desk, "reopen", Reopen(break_id=pair[0], reason="no", by=bob))
    until = datetime.now(UTC).date() + timedelta(days=1)
    await tell(desk, "mute", Mute(break_id=cases["R3"], until=until, reason="later", by=ann))
    await reconcile(client, room.request(rules, OURS, OURS, day=date(2024, 1, 5)))
    await tell(desk, "close_desk", CloseDesk(reason="recorded", by=ann))
    return desk


async def _is(client: Client, break_id: str, status: str) -> None:
    """No resolution waits, and this is the status."""
    case = await story_of(client, "REPLAY-DESK", break_id)
    assert case.status == status
    assert case.resolution is None or case.resolution.checker is not None
