"""Reconciliations on the real engine: released, failed, late, told to the break desk."""

from datetime import timedelta
from pathlib import Path

from temporalio.client import Client

from rec_room import DAY, NEXT, RecRoom, rules_for
from rec_runs import (
    begin,
    desk_of,
    failure_of,
    leftovers,
    open_cases,
    rec_client,
    rec_id,
    reconcile,
    refusal_of,
    room,
    scratch,
    story_of,
)
from signed_words import tell
from tenuto.packs.finance.reconciliation.cases import Assign, Remark
from tenuto.packs.finance.reconciliation.handoffs import Progress, SupplySource
from tenuto.packs.finance.reconciliation.workflow import Reconciliation
from tenuto.testing import eventually

__all__ = ["rec_client", "rec_id", "room", "scratch"]

OURS = "account,isin,type,quantity\nA1,DE0007164600,equity,100\nA1,US0378331005,equity,5\n"
THEIRS = "account,isin,type,quantity\nA1,DE0007164600,equity,100\nA1,US0378331005,equity,500\n"


async def test_ops_9_a_run_is_released_and_its_breaks_are_on_the_desk(
    rec_client: Client, room: RecRoom, rec_id: str, scratch: Path
) -> None:
    rules = rules_for("position", rec_id=rec_id)
    result = await reconcile(rec_client, room.request(rules, OURS, THEIRS))
    assert (result.run_id, result.open_breaks, result.new_breaks) == (
        f"reconciliation/{rec_id}/2024-01-03/v1",
        1,
        1,
    )
    assert result.desk == f"breaks/{rec_id}"
    names = [name for name, _ in room.store.names(f"{result.run_id}/")]
    assert [name.rpartition("/")[2] for name in names] == [
        "break-report.pdf",
        "break-report.xlsx",
        "breaks.parquet",
        "report.json",
    ]
    (case,) = await open_cases(rec_client, rec_id)
    assert (case.break_class, case.ours, case.theirs) == ("quantity", "5", "500")
    assert leftovers(scratch) == []


async def test_ops_10_the_second_day_is_not_new_and_people_s_words_stay(
    rec_client: Client, room: RecRoom, rec_id: str
) -> None:
    rules = rules_for("position", rec_id=rec_id, owner="ops")
    await reconcile(rec_client, room.request(rules, OURS, THEIRS))
    (first,) = await open_cases(rec_client, rec_id)
    desk = desk_of(rec_client, rec_id)
    await tell(desk, "assign", Assign(break_ids=(first.break_id,), owner="ann", by="bob"))
    await tell(
        desk, "remark", Remark(break_id=first.break_id, text="asked the custodian", by="ann")
    )

    second = await reconcile(rec_client, room.request(rules, OURS, THEIRS, day=NEXT))
    assert (second.open_breaks, second.new_breaks) == (1, 0)
    again = await story_of(rec_client, rec_id, first.break_id)
    assert (again.owner, again.outcome, again.first_seen, again.last_seen) == (
        "ann",
        "Confirmed",
        DAY,
        NEXT,
    )
    said = [(line.by, line.what) for line in again.story if line.by != "desk"]
    assert said[1:] == [("bob", "assigned to ann"), ("ann", "asked the custodian")]

    rerun = await reconcile(rec_client, room.request(rules, OURS, THEIRS, day=NEXT))
    assert rerun.run_id.endswith("/v2")
    assert await story_of(rec_client, rec_id, first.break_id) == again

    gone = await reconcile(
        rec_client, room.request(rules, OURS, OURS, day=NEXT + timedelta(days=1))
    )
    assert (gone.open_breaks, gone.resolved_breaks) == (0, 1)
    closed = await story_of(rec_client, rec_id, first.break_id)
    assert closed.status == "RESOLVED"
    assert "no longer found" in closed.story[-1].what


async def test_ops_9_a_late_side_ends_the_run_by_name(
    rec_client: Client, room: RecRoom, rec_id: str
) -> None:
    rules = rules_for("position", rec_id=rec_id)
    error = await failure_of(await begin(rec_client, room.request(rules, OURS, None)))
    assert error.type == "DataError"
    assert "`theirs`" in error.message
    assert "on_late" in error.message


async def test_ops_9_a_run_waits_for_a_late_side(
    rec_client: Client, room: RecRoom, rec_id: str
) -> None:
    rules = rules_for("position", rec_id=rec_id, on_late="wait")
    handle = await begin(rec_client, room.request(rules, OURS, None))

    async def waiting() -> None:
        progress: Progress = await handle.query(Reconciliation.progress)
        assert progress.late == ("theirs",)

    await eventually(waiting)
    wrong = SupplySource(side="ours", source=room.document("x.csv", THEIRS))
    refused = await refusal_of(handle.execute_update(Reconciliation.supply_source, wrong))
    assert "waits for `theirs`" in refused.message
    broken = SupplySource(side="theirs", source=room.document("x.csv", "nonsense\n1\n"))
    refused = await refusal_of(handle.execute_update(Reconciliation.supply_source, broken))
    assert "`nonsense` is no field" in refused.message
    good = SupplySource(side="theirs", source=room.document("theirs.csv", THEIRS))
    await handle.execute_update(Reconciliation.supply_source, good)
    assert (await handle.result()).open_breaks == 1


async def test_ops_9_waiting_for_a_late_side_ends_in_time(
    rec_client: Client, room: RecRoom, rec_id: str
) -> None:
    rules = rules_for("position", rec_id=rec_id, on_late="wait", wait_for=timedelta(seconds=1))
    error = await failure_of(await begin(rec_client, room.request(rules, OURS, None)))
    assert "not delivered within 0:00:01" in error.message


async def test_ops_9_a_hostile_file_is_refused_with_file_and_remedy(
    rec_client: Client, room: RecRoom, rec_id: str
) -> None:
    rules = rules_for("position", rec_id=rec_id)
    hostile = 'isin,"quantity); DROP TABLE side_0; --"\nX,1\n'
    error = await failure_of(await begin(rec_client, room.request(rules, OURS, hostile)))
    assert error.type == "DataError"
    assert "theirs.csv, row 1" in error.message
    assert "`columns`" in error.message
