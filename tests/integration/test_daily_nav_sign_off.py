"""A NAV that needs sign-off: an estimate, revised into a candidate, accepted by its hash."""

from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from temporalio.client import Client, WorkflowFailureError
from temporalio.exceptions import CancelledError

from mail_server import MailServer
from nav_desk import NavDesk
from nav_runs import (
    APPROVERS,
    DAY,
    FILES,
    NEXT,
    PRICES,
    approve,
    desk,
    fund,
    nav_client,
    nav_worker,
    request_for,
    skipping,
    store,
    strike,
    task_of,
    waits,
)
from run_endings import ended_cancelled, failure_of, names_of, refusal_of
from signed_words import decide, open_now, tell
from task_desk import outcome, refused
from tenuto.artifacts.store import ArtifactStore
from tenuto.catalog.library.notify.audience import Recipient
from tenuto.catalog.library.tasks.request import Amount
from tenuto.core.references import Document
from tenuto.engine.converter import error_code
from tenuto.identity.ticket import NO_POLICY
from tenuto.packs.finance.models import Fund
from tenuto.packs.finance.nav.activities.history import read_result
from tenuto.packs.finance.nav.catalog import daily_nav
from tenuto.packs.finance.nav.messages import (
    AcceptNav,
    CarryPrior,
    Progress,
    RejectNav,
    ReviseInputs,
)
from tenuto.packs.finance.nav.models import Changes, DailyNavResult
from tenuto.packs.finance.nav.workflow import DailyNav
from tenuto.packs.finance.sign_off import SignOff, SignOffRoute
from tenuto.triggers.origin import Origin
from tenuto.triggers.start import Handle, start
from tenuto.workflows.cleanup import MEMO

__all__ = ["desk", "fund", "nav_client", "nav_worker", "skipping", "store"]


async def awaiting(client: Client, desk: NavDesk, fund: Fund, **changed: Any) -> Handle:
    """A run that shows its estimate."""
    request = request_for(desk, fund).model_copy(
        update={"sign_off": "required", "prepared_by": "Pat", **changed}
    )
    handle = await start(client, daily_nav, request)
    await waits(handle)
    return handle


async def progress_of(handle: Handle) -> Progress:
    progress: Progress = await handle.query(DailyNav.progress)
    return progress


async def shown(handle: Handle) -> Document:
    """The result that can be accepted."""
    document = (await progress_of(handle)).result
    assert document is not None
    return document


async def test_ops_4_an_estimate_is_released_by_approving_exactly_its_hash(
    nav_client: Client, desk: NavDesk, fund: Fund, store: ArtifactStore
) -> None:
    handle = await awaiting(nav_client, desk, fund)
    estimate = await shown(handle)
    assert (await progress_of(handle)).stage == "estimate"
    assert read_result(store, estimate).status == "estimate"
    assert names_of(store, handle.id) == ["estimate-1.json"]

    task = await task_of(handle)
    asked = (await open_now(nav_client, task)).request
    assert asked.kind == "nav.sign-off"
    assert asked.seen == estimate.sha256
    assert asked.evidence == (estimate,)
    assert asked.amount == Amount(value="100000.00", currency="EUR")
    assert (asked.requester, asked.preparers) == ("u:pat", ("u:pat",))
    assert asked.shown["nav_per_unit"] == {"A": "100.0000 EUR"}
    other = decide(nav_client, task, as_="u:ann", groups=(APPROVERS,), seen="0" * 64)
    assert await refused(other) == "task.seen-other"

    await approve(nav_client, handle, "u:ann", comment="as expected")
    result: DailyNavResult = await handle.result()
    final = read_result(store, result.result)
    assert final.status == "final"
    accepted = final.acceptance
    assert accepted is not None
    assert (accepted.by, accepted.result_sha256) == ("u:ann", estimate.sha256)
    assert (accepted.comment, accepted.task_id) == ("as expected", task)
    (approval,) = accepted.approvals
    ended = await outcome(nav_client, task)
    assert (approval.ticket, approval.policy) == (ended.votes[0].ticket, NO_POLICY)
    assert names_of(store, handle.id) == ["estimate-1.json", *FILES]


@pytest.mark.attack
async def test_ops_4_neither_preparers_nor_outsiders_release_a_nav(
    nav_client: Client, desk: NavDesk, fund: Fund, store: ArtifactStore
) -> None:
    handle = await awaiting(nav_client, desk, fund)
    task = await task_of(handle)
    for who in ("u:pat", "u:PAT".casefold()):
        by_preparer = decide(nav_client, task, as_=who, groups=(APPROVERS,))
        assert await refused(by_preparer) == "task.own-request"
    by_outsider = decide(nav_client, task, as_="u:eve", groups=("g:sales",))
    assert await refused(by_outsider) == "task.not-a-candidate"
    estimate = await shown(handle)
    for update, word in (
        (DailyNav.accept_nav, AcceptNav(result_sha256=estimate.sha256, by="Ann")),
        (DailyNav.reject_nav, RejectNav(by="Ann", reason="no")),
    ):
        around = await refusal_of(tell(handle, update, word))
        assert error_code(around) == "nav.decide-the-task"
        assert f"tenuto tasks approve {task}" in around.message
    assert names_of(store, handle.id) == ["estimate-1.json"]
    await handle.cancel()
    await ended_cancelled(handle)
    assert await is_taken_back(nav_client, task)


@pytest.mark.attack
@pytest.mark.parametrize("prepared_by", ["", "Pat"], ids=["nobody", "somebody else"])
async def test_ops_4_whoever_started_a_nav_does_not_release_it(
    nav_client: Client, desk: NavDesk, fund: Fund, prepared_by: str
) -> None:
    request = request_for(desk, fund).model_copy(
        update={"sign_off": "required", "prepared_by": prepared_by}
    )
    by_sue = Origin(principal="u:sue", sign=lambda starting: {})
    handle = await start(nav_client, daily_nav, request, origin=by_sue)
    task = await task_of(handle)
    own = decide(nav_client, task, as_="u:sue", groups=(APPROVERS,))
    assert await refused(own) == "task.own-request"
    await approve(nav_client, handle, "u:ann")
    await handle.result()


async def test_ops_4_revised_inputs_need_a_new_approval(
    nav_client: Client, desk: NavDesk, fund: Fund, store: ArtifactStore
) -> None:
    handle = await awaiting(nav_client, desk, fund)
    estimate, first = await shown(handle), await task_of(handle)
    better = desk.document("better.csv", f"{PRICES}X,{DAY},101,EUR\n")
    revision = ReviseInputs(inputs={"prices": better}, by="Rob", reason="vendor corrected X")
    unsigned = await refusal_of(handle.execute_update(DailyNav.revise_inputs, revision))
    assert error_code(unsigned) == "ticket.missing"
    changes: Changes = await tell(handle, DailyNav.revise_inputs, revision)
    changed = {each.what: (each.before, each.after) for each in changes.changed}
    assert changed["nav"] == ("100000.00", "101000.00")
    assert changed["class A nav_per_unit"] == ("100.0000", "101.0000")
    assert changed["position X price"] == ("100.0000000000", "101.0000000000")
    assert "input prices" in changed

    second = await task_of(handle, other_than=first)
    progress = await progress_of(handle)
    assert progress.stage == "candidate"
    assert progress.changes == changes
    assert await is_taken_back(nav_client, first)
    late = decide(nav_client, first, as_="u:ann", groups=(APPROVERS,))
    assert await refused(late) is not None
    candidate = await shown(handle)
    stale = decide(nav_client, second, as_="u:ann", groups=(APPROVERS,), seen=estimate.sha256)
    assert await refused(stale) == "task.seen-other"
    by_reviser = decide(nav_client, second, as_="u:rob", groups=(APPROVERS,))
    assert await refused(by_reviser) == "task.own-request"

    await approve(nav_client, handle, "u:ann")
    result: DailyNavResult = await handle.result()
    assert str(result.nav) == "101000.00"
    accepted = read_result(store, result.result).acceptance
    assert accepted is not None
    assert accepted.result_sha256 == candidate.sha256
    assert names_of(store, handle.id) == ["candidate-2.json", "estimate-1.json", *FILES]


async def test_a_wrong_revision_is_refused_and_the_estimate_stays(
    nav_client: Client, desk: NavDesk, fund: Fund
) -> None:
    handle = await awaiting(nav_client, desk, fund)
    estimate, task = await shown(handle), await task_of(handle)
    for inputs, code in (
        ({"prices": desk.document("bad.csv", f"{PRICES}X,{DAY},cheap,EUR\n")}, "nav.input-invalid"),
        ({"weather": estimate}, "nav.unknown-input"),
    ):
        revision = ReviseInputs(inputs=inputs, by="Rob", reason="a try")
        refusal = await refusal_of(tell(handle, DailyNav.revise_inputs, revision))
        assert error_code(refusal) == code
    assert await shown(handle) == estimate
    assert await task_of(handle) == task
    await approve(nav_client, handle, "u:ann")
    await handle.result()


async def test_ops_4_above_the_limit_two_people_approve_and_one_twice_is_one(
    nav_client: Client, desk: NavDesk, fund: Fund, store: ArtifactStore
) -> None:
    routes = (
        SignOffRoute(candidates=("g:nav-juniors",)),
        SignOffRoute(above=Decimal("99999.99"), need=2, risk=7),
    )
    large = fund.model_copy(update={"sign_off": SignOff(routes=routes)})
    handle = await awaiting(nav_client, desk, large)
    task = await task_of(handle)
    shown_now = await open_now(nav_client, task)
    assert (shown_now.candidates, shown_now.request.risk) == ((APPROVERS,), 7)
    await decide(nav_client, task, as_="u:ann", groups=(APPROVERS,))
    again = decide(nav_client, task, as_="u:ann", groups=(APPROVERS,))
    assert await refused(again) == "task.second-vote"
    assert (await progress_of(handle)).task == task
    await approve(nav_client, handle, "u:ben")
    result: DailyNavResult = await handle.result()
    accepted = read_result(store, result.result).acceptance
    assert accepted is not None
    assert [each.by for each in accepted.approvals] == ["u:ann", "u:ben"]
    assert accepted.by == "u:ann, u:ben"


async def test_inv_10_a_rejected_nav_says_who_when_and_why_and_is_withdrawn(
    nav_client: Client, desk: NavDesk, fund: Fund, store: ArtifactStore
) -> None:
    handle = await awaiting(nav_client, desk, fund)
    task = await task_of(handle)
    await decide(
        nav_client, task, "reject", as_="u:ann", groups=(APPROVERS,), comment="X traded at 102."
    )
    failure = await failure_of(handle)
    assert "u:ann rejected the NAV at" in failure.message
    assert "X traded at 102." in failure.message
    assert error_code(failure) == "nav.rejected"
    told: Any = failure.details[0]
    assert (told["outcome"], told["by"], told["task"]) == ("REJECTED", "u:ann", task)
    assert datetime.fromisoformat(told["at"]) == (await outcome(nav_client, task)).at
    assert names_of(store, handle.id) == ["estimate-1.json", "withdrawn.json"]


async def test_inv_10_the_reason_of_a_rejection_reaches_the_preparer_by_mail(
    nav_client: Client, desk: NavDesk, fund: Fund, monkeypatch: pytest.MonkeyPatch
) -> None:
    pat = Recipient(name="pat", channel="email", target="pat@example.com")
    told = fund.model_copy(update={"sign_off": SignOff(preparers=(pat,))})
    with MailServer() as mail:
        monkeypatch.setenv("TENUTO_SMTP_HOST", "127.0.0.1")
        monkeypatch.setenv("TENUTO_SMTP_PORT", str(mail.port))
        monkeypatch.setenv("TENUTO_SMTP_SECURITY", "plain")
        monkeypatch.setenv("TENUTO_SMTP_FROM", "nav@fund.example")
        handle = await awaiting(nav_client, desk, told)
        task = await task_of(handle)
        why = "X traded at 102."
        await decide(nav_client, task, "reject", as_="u:ann", groups=(APPROVERS,), comment=why)
        await failure_of(handle)
    (sent,) = mail.received
    assert sent.to == ("pat@example.com",)
    assert sent.message["Subject"] == f"{handle.id} was rejected"
    body = sent.message.get_body(("plain",))
    assert body is not None
    assert "u:ann rejected" in body.get_content()
    assert "X traded at 102." in body.get_content()


async def test_ops_4_prices_that_people_gave_need_a_second_person_above_the_limit(
    nav_client: Client, desk: NavDesk, fund: Fund, store: ArtifactStore
) -> None:
    rules = SignOff(override_above=Decimal("0.05"))
    watched = fund.model_copy(update={"sign_off": rules})
    await strike(nav_client, request_for(desk, watched))
    request = request_for(desk, watched, NEXT, prices=PRICES).model_copy(
        update={"on_missing": "wait"}
    )
    handle = await start(nav_client, daily_nav, request)
    await waits(handle)
    carry = CarryPrior(instrument_ids=("X",), by="Ann", reason="halted")
    await tell(handle, DailyNav.carry_prior, carry)
    task = await task_of(handle)
    asked = (await open_now(nav_client, task)).request
    assert (asked.kind, asked.requester) == ("nav.override", "u:ann")
    assert asked.shown["overridden"] == {"X": "Ann"}
    assert asked.shown["part_of_nav"] == "1.00000000"
    own = decide(nav_client, task, as_="u:ann", groups=(APPROVERS,))
    assert await refused(own) == "task.own-request"
    await approve(nav_client, handle, "u:bob")
    result: DailyNavResult = await handle.result()
    accepted = read_result(store, result.result).acceptance
    assert accepted is not None
    assert (accepted.by, accepted.task_id) == ("u:bob", task)


async def test_a_preparer_that_cannot_be_compared_with_approvers_is_refused(
    nav_client: Client, desk: NavDesk, fund: Fund
) -> None:
    request = request_for(desk, fund).model_copy(
        update={"sign_off": "required", "prepared_by": "g:fund-desk"}
    )
    failure = await failure_of(await start(nav_client, daily_nav, request))
    assert error_code(failure) == "nav.unknown-preparer"


async def test_ops_14_cancelling_while_people_look_withdraws_what_they_see(
    nav_client: Client, desk: NavDesk, fund: Fund, store: ArtifactStore
) -> None:
    handle = await awaiting(nav_client, desk, fund)
    await handle.cancel()
    await ended_cancelled(handle)
    assert names_of(store, handle.id) == ["estimate-1.json", "withdrawn.json"]
    memo: dict[str, Any] = dict(await (await handle.describe()).memo())
    assert memo[MEMO] == [{"what": "shown results", "outcome": "undone"}]


async def test_nobody_accepts_in_time(
    skipping: Client, desk: NavDesk, fund: Fund, store: ArtifactStore
) -> None:
    request = request_for(desk, fund).model_copy(update={"sign_off": "required"})
    handle = await start(skipping, daily_nav, request)
    failure = await failure_of(handle)
    assert "nav.not-accepted" in str(failure.details)
    assert names_of(store, handle.id) == ["estimate-1.json", "withdrawn.json"]


async def is_taken_back(client: Client, task: str) -> bool:
    """Whether a task was cancelled before anybody decided it."""
    with pytest.raises(WorkflowFailureError) as ended:
        await outcome(client, task)
    return isinstance(ended.value.cause, CancelledError)
