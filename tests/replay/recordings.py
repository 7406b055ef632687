"""The runs whose histories are recorded: each takes its workflow through all it can do."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

from temporalio.client import Client
from temporalio.service import RPCError
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

import agent_recordings
import arrival_recordings
import definition_recordings
import evidence_desk
import monitor_recordings
import pricing_runs
import rec_recordings
import report_recordings
import schedule_recordings
import sync_recordings
import task_recordings
from nav_desk import NavDesk
from nav_runs import DAY, NEXT, PRICES, approve, request_for, strike, task_of, waits
from pricing_desk import DAY as DAY_PRICED
from pricing_desk import QUOTES, PricingDesk, limits
from pricing_desk import policy as pricing_policy
from sample import catalog
from sample.models import (
    ApprovalRequest,
    ChildRequest,
    Decision,
    FiveStepsRequest,
    FlakyRequest,
    SlowRequest,
)
from sample.pack import pack as sample_pack
from signed_words import tell
from tenuto.activities.definitions.pack import pack as definitions_pack
from tenuto.activities.evidence.pack import pack as evidence_pack
from tenuto.activities.notify.pack import pack as notify_pack
from tenuto.artifacts.store import open_store
from tenuto.catalog.library.evidence.catalog import evidence_alarm
from tenuto.catalog.library.evidence.models import AlarmNotice
from tenuto.catalog.library.notify.audience import Recipient as Listener
from tenuto.catalog.library.notify.catalog import storm_guard
from tenuto.catalog.library.notify.storms import AdmitRequest, StormGuardRequest, StormRule
from tenuto.core.pack import Pack
from tenuto.evidence.home import use_evidence
from tenuto.packs.finance.models import Fund, Recipient, ShareClass, Tolerance
from tenuto.packs.finance.nav.catalog import daily_nav
from tenuto.packs.finance.nav.messages import CarryPrior, ReviseInputs, SupplyPrices
from tenuto.packs.finance.nav.pack import pack as nav_pack
from tenuto.packs.finance.nav.parts import Comment
from tenuto.packs.finance.nav.workflow import DailyNav
from tenuto.packs.finance.pricing.catalog import pricing
from tenuto.packs.finance.pricing.handoffs import (
    AcceptPrice,
    AssignException,
    ChallengeVendor,
    CommentException,
    OverridePrice,
    UseNextSource,
)
from tenuto.packs.finance.pricing.pack import pack as pricing_pack
from tenuto.packs.finance.pricing.workflow import PricingRun
from tenuto.packs.finance.reconciliation.pack import pack as reconciliation_pack
from tenuto.packs.reports.pack import pack as reports_pack
from tenuto.packs.sync.pack import pack as sync_pack
from tenuto.testing import eventually
from tenuto.triggers.events.files.pack import pack as arrivals_pack
from tenuto.triggers.schedules.pacing.pack import pack as pacing_pack
from tenuto.triggers.start import Handle, start
from tenuto.workflows.storm_guard import StormGuard


@dataclass(frozen=True, kw_only=True, slots=True)
class Recording:
    """One run to record."""

    pack: Pack
    run: Callable[[Client, Path], Awaitable[Handle]]
    """Starts the run, tells it what it waits for, and returns when it needs nothing more."""
    queues: tuple[str, ...] = ()
    """Task queues that get a worker; none named means all of the pack's."""
    beside: tuple[Pack, ...] = ()
    """Further packs that it needs."""


async def _five_steps(client: Client, folder: Path) -> Handle:
    return await start(client, catalog.five_steps, FiveStepsRequest(folder=str(folder)))


async def _flaky(client: Client, folder: Path) -> Handle:
    return await start(client, catalog.flaky, FlakyRequest(folder=str(folder), failures=1))


async def _slow(client: Client, folder: Path) -> Handle:
    request = SlowRequest(folder=str(folder), kind="schedule-to-start")
    return await start(client, catalog.slow, request)


async def _approval(client: Client, folder: Path) -> Handle:
    handle = await start(client, catalog.approval, ApprovalRequest(subject="fund F1"))
    await handle.signal("note", "look at the cash")
    await handle.execute_update("decide", Decision(is_approved=True, by="ada"))
    return handle


async def _parent(client: Client, folder: Path) -> Handle:
    handle = await start(client, catalog.parent, ChildRequest(subject="fund F1"))
    child = client.get_workflow_handle(f"{handle.id}/approval")

    async def child_decides() -> None:
        try:
            await child.execute_update("decide", Decision(is_approved=False, by="ada"))
        except RPCError as error:
            raise AssertionError("the child is not there yet") from error

    await eventually(child_decides)
    return handle


async def _daily_nav(client: Client, folder: Path) -> Handle:
    """Missing prices, one carried and one supplied; a breach of four eyes; a revision, accepted;
    two recipients."""
    desk = NavDesk(open_store(f"{folder}/artifacts"))
    unreachable = folder / "unreachable"
    unreachable.write_text("a file where a folder should be")
    fund = Fund(
        fund_id="REPLAY",
        name="Replay Fund",
        base_currency="EUR",
        inception=DAY,
        dealing_calendar="WEEKDAYS",
        classes=(
            ShareClass(
                class_id="A",
                currency="EUR",
                launch_date=DAY,
                launch_price=Decimal(100),
                units=Decimal(1000),
            ),
        ),
        tolerances=(
            Tolerance(rule="unit-nav-change", limit=Decimal("0.02"), severity="four-eyes"),
        ),
        recipients=(
            Recipient(name="desk", channel="file", target=str(folder / "out")),
            Recipient(name="gone", channel="file", target=str(unreachable)),
        ),
    )
    await strike(client, request_for(desk, fund))
    request = request_for(
        desk, fund, NEXT, positions="instrument_id,quantity\nX,1000\nY,500\n", prices=PRICES
    )
    request = request.model_copy(update={"on_missing": "wait", "sign_off": "required"})
    handle = await start(client, daily_nav, request)
    await waits(handle)
    carry = CarryPrior(instrument_ids=("X",), by="Ann", reason="trading suspended")
    await tell(handle, DailyNav.carry_prior, carry)
    late = desk.document("late.csv", f"{PRICES}Y,{NEXT},7,EUR\n")
    await tell(handle, DailyNav.supply_prices, SupplyPrices(prices=late, by="Bob"))

    async def asks_for_comments() -> None:
        assert (await handle.query(DailyNav.progress)).breaches

    await eventually(asks_for_comments)
    for person in ("Ann", "Bob"):
        comment = Comment(rule="unit-nav-change", text="New position", by=person)
        await tell(handle, DailyNav.comment_breach, comment)
    first = await task_of(handle)
    better = desk.document("better.csv", f"{PRICES}X,{NEXT},100,EUR\nY,{NEXT},8,EUR\n")
    revision = ReviseInputs(inputs={"prices": better}, by="Rob", reason="Y was corrected")
    await tell(handle, DailyNav.revise_inputs, revision)
    await task_of(handle, other_than=first)
    await approve(client, handle, "u:cy")
    return handle


async def _storm_guard(client: Client, folder: Path) -> Handle:
    """Two messages on one topic within a second, and the digest of what was held back."""
    handle = await start(client, storm_guard, StormGuardRequest(audience="desk"))
    recipient = Listener(name="desk", channel="file", target=str(folder / "out"))
    for number in (1, 2):
        asked = AdmitRequest(
            audience="desk",
            topic="pricing failed",
            rule=StormRule(window=timedelta(seconds=1)),
            recipients=(recipient,),
            idempotency_key=f"replay/{number}",
        )
        await handle.execute_update(StormGuard.admit, asked)
    return handle


async def _pricing(client: Client, folder: Path) -> Handle:
    """Every kind of answer: a comment, an owner, a challenge, two next sources, an override."""
    desk = PricingDesk(open_store(f"{folder}/artifacts"))
    asked = pricing_runs.request_for(
        desk,
        pricing_policy("REPLAY", limits=limits()),
        quotes=QUOTES
        + f"X,{DAY_PRICED},A,close,110\nX,{DAY_PRICED},B,close,109.9\n"
        + f"Y,{DAY_PRICED},A,close,55\nY,{DAY_PRICED},B,close,56\n",
    )
    handle = await start(client, pricing, asked)
    await pricing_runs.waits(handle)
    comment = CommentException(instrument_id="X", by="Bob", text="results day")
    await tell(handle, PricingRun.comment, comment)
    await tell(handle, PricingRun.assign, AssignException(instrument_id="Y", owner="Bob", by="Ann"))
    challenge = ChallengeVendor(instrument_id="Y", by="Bob", reason="typing error?")
    await tell(handle, PricingRun.challenge_vendor, challenge)
    skip = UseNextSource(instrument_id="Y", by="Bob", reason="no answer")
    await tell(handle, PricingRun.next_source, skip)
    await tell(
        handle, PricingRun.accept, AcceptPrice(instrument_id="X", by="Ann", reason="results day")
    )
    for instrument_id, value in (("Y", "52.5"), ("Z", "99")):
        override = OverridePrice(
            instrument_id=instrument_id,
            price=Decimal(value),
            reason="broker call",
            evidence=desk.document("call.txt", value),
            by="Ann",
            expires_on=DAY_PRICED,
        )
        await tell(handle, PricingRun.override, override)
    await pricing_runs.approve(client, handle, "u:bob")
    return handle


async def _evidence_export(client: Client, folder: Path) -> Handle:
    """An export of closed runs, one that counts them, another interval, and the end by force."""
    use_evidence(evidence_desk.home_in(folder))
    work = Worker(
        client,
        task_queue=evidence_desk.WORK,
        workflows=[evidence_desk.Note],
        workflow_runner=UnsandboxedWorkflowRunner(),
    )
    async with work:
        await evidence_desk.notes(client, 2)
    handle = await evidence_desk.exporter(client)
    await evidence_desk.exported(handle)
    await handle.signal("set_interval", 2)
    await evidence_desk.counted(handle)
    await handle.terminate("the recording is done")
    return handle


async def _alarmed_export(client: Client, folder: Path) -> Handle:
    """An alarm that somebody is told of, its end, of which they are told too, and a fresh history
    that is asked for."""
    use_evidence(evidence_desk.home_in(folder))
    duty = Listener(name="Duty", channel="file", target=str(folder / "outbox"))
    handle = await evidence_desk.exporter(client, alarm_to=(duty,))
    await evidence_desk.exported(handle)
    first = client.get_workflow_handle(handle.id, run_id=(await handle.describe()).run_id)
    await handle.signal("set_interval", 3_000_000_000)  # no retention is that long
    assert (await evidence_desk.exported(handle)).alarms
    await handle.signal("set_interval", 3600)
    assert not (await evidence_desk.exported(handle)).alarms
    await handle.signal("set_alarm_to", [])
    await handle.signal("begin_anew")

    async def renewed() -> None:
        assert (await handle.describe()).run_id != first.run_id

    await eventually(renewed)
    await handle.terminate("the recording is done")
    return first


async def _alarm(client: Client, folder: Path) -> Handle:
    """A message to one who gets it and one who does not."""
    notice = AlarmNotice(
        namespace="default",
        alarms=("A run is missing.",),
        recipients=(
            Listener(name="Duty", channel="file", target=str(folder / "outbox")),
            Listener(name="Nobody", channel="file", target="no-such-place://x"),
        ),
    )
    return await start(client, evidence_alarm, notice)


_PEOPLE = (task_recordings.pack,)

RECORDINGS: dict[str, Recording] = {
    "watch-files": Recording(
        pack=arrivals_pack, run=arrival_recordings.watched, beside=(arrival_recordings.BESIDE,)
    ),
    "paced-run": Recording(
        pack=pacing_pack, run=schedule_recordings.paced, beside=schedule_recordings.BESIDE
    ),
    "run-report": Recording(
        pack=reports_pack, run=report_recordings.sent, beside=report_recordings.BESIDE
    ),
    "run-report:in part": Recording(
        pack=reports_pack, run=report_recordings.sent_in_part, beside=report_recordings.BESIDE
    ),
    **{
        name: Recording(pack=sync_pack, run=run, beside=sync_recordings.BESIDE)
        for name, run in (
            ("sync-source", sync_recordings.cleared),
            ("sync-source:failed", sync_recordings.failed),
            ("scheduled-sync", sync_recordings.in_order),
            ("scheduled-sync:parallel", sync_recordings.side_by_side),
            ("sync-backfill", sync_recordings.batches),
        )
    },
    "monitor-check": Recording(
        pack=monitor_recordings.PACK,
        run=monitor_recordings.every_step,
        beside=(monitor_recordings.BESIDE,),
    ),
    "monitor-check:failing": Recording(
        pack=monitor_recordings.PACK,
        run=monitor_recordings.a_failure,
        beside=(monitor_recordings.BESIDE,),
    ),
    "monitor-address": Recording(
        pack=monitor_recordings.PACK,
        run=monitor_recordings.codes,
        beside=(monitor_recordings.BESIDE,),
    ),
    "daily-nav": Recording(pack=nav_pack, run=_daily_nav, beside=_PEOPLE),
    "pricing": Recording(pack=pricing_pack, run=_pricing, beside=_PEOPLE),
    "storm-guard": Recording(pack=notify_pack, run=_storm_guard),
    "reconciliation": Recording(pack=reconciliation_pack, run=rec_recordings.reconciliation),
    "evidence-export": Recording(pack=evidence_pack, run=_evidence_export),
    "evidence-export:alarm": Recording(
        pack=evidence_pack, run=_alarmed_export, beside=(notify_pack,)
    ),
    "evidence-alarm": Recording(pack=evidence_pack, run=_alarm, beside=(notify_pack,)),
    "break-desk": Recording(
        pack=reconciliation_pack, run=rec_recordings.break_desk, beside=_PEOPLE
    ),
    "agent-task": Recording(pack=agent_recordings.pack, run=agent_recordings.every_answer),
    "governed-task": Recording(pack=agent_recordings.pack, run=agent_recordings.every_step),
    "human-task": Recording(pack=task_recordings.pack, run=task_recordings.every_message),
    "human-task:long": Recording(pack=task_recordings.pack, run=task_recordings.a_fresh_history),
    "definition": Recording(
        pack=definitions_pack, run=definition_recordings.every_kind, beside=_PEOPLE
    ),
    "definition:long": Recording(pack=definitions_pack, run=definition_recordings.many_histories),
} | {
    name: Recording(pack=sample_pack, run=run, queues=(catalog.QUEUE,))
    for name, run in (
        ("five-steps", _five_steps),
        ("flaky", _flaky),
        ("slow", _slow),
        ("approval", _approval),
        ("parent", _parent),
    )
}
"""By catalog name of the workflow; after a colon, which of several recordings."""
