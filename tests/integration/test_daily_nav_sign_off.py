"""A NAV that needs sign-off: an estimate, revised into a candidate, accepted by its hash."""

from typing import Any

from temporalio.client import Client

from nav_desk import NavDesk
from nav_runs import (
    DAY,
    FILES,
    PRICES,
    desk,
    fund,
    nav_client,
    nav_worker,
    request_for,
    skipping,
    store,
    waits,
)
from run_endings import ended_cancelled, failure_of, names_of, refusal_of
from tenuto.artifacts.store import ArtifactStore
from tenuto.core.references import Document
from tenuto.packs.finance.models import Fund
from tenuto.packs.finance.nav.activities.history import read_result
from tenuto.packs.finance.nav.catalog import daily_nav
from tenuto.packs.finance.nav.messages import AcceptNav, Progress, RejectNav, ReviseInputs
from tenuto.packs.finance.nav.models import Changes, DailyNavResult
from tenuto.packs.finance.nav.workflow import DailyNav
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


async def test_an_estimate_is_released_by_accepting_exactly_its_hash(
    nav_client: Client, desk: NavDesk, fund: Fund, store: ArtifactStore
) -> None:
    handle = await awaiting(nav_client, desk, fund)
    estimate = await shown(handle)
    assert (await progress_of(handle)).stage == "estimate"
    assert read_result(store, estimate).status == "estimate"
    assert names_of(store, handle.id) == ["estimate-1.json"]

    wrong = AcceptNav(result_sha256="0" * 64, by="Ann")
    refused = await refusal_of(handle.execute_update(DailyNav.accept_nav, wrong))
    assert refused.type == "UsageError"
    assert "nav.result-changed" in str(refused.details)
    own = AcceptNav(result_sha256=estimate.sha256, by=" pat ")
    assert "nav.same-person" in str(
        (await refusal_of(handle.execute_update(DailyNav.accept_nav, own))).details
    )

    accepted = AcceptNav(result_sha256=estimate.sha256, by="Ann", comment="as expected")
    await handle.execute_update(DailyNav.accept_nav, accepted)
    result: DailyNavResult = await handle.result()
    final = read_result(store, result.result)
    assert final.status == "final"
    assert final.acceptance is not None
    assert final.acceptance.by == "Ann"
    assert final.acceptance.result_sha256 == estimate.sha256
    assert names_of(store, handle.id) == ["estimate-1.json", *FILES]


async def test_revised_inputs_make_a_candidate_and_say_what_changed(
    nav_client: Client, desk: NavDesk, fund: Fund, store: ArtifactStore
) -> None:
    handle = await awaiting(nav_client, desk, fund)
    estimate = await shown(handle)
    better = desk.document("better.csv", f"{PRICES}X,{DAY},101,EUR\n")
    revision = ReviseInputs(inputs={"prices": better}, by="Rob", reason="vendor corrected X")
    changes: Changes = await handle.execute_update(DailyNav.revise_inputs, revision)
    changed = {each.what: (each.before, each.after) for each in changes.changed}
    assert changed["nav"] == ("100000.00", "101000.00")
    assert changed["class A nav_per_unit"] == ("100.0000", "101.0000")
    assert changed["position X price"] == ("100.0000000000", "101.0000000000")
    assert "input prices" in changed

    progress = await progress_of(handle)
    assert progress.stage == "candidate"
    assert progress.changes == changes
    stale = AcceptNav(result_sha256=estimate.sha256, by="Ann")
    refused = await refusal_of(handle.execute_update(DailyNav.accept_nav, stale))
    assert "nav.result-changed" in str(refused.details)
    candidate = await shown(handle)
    by_reviser = AcceptNav(result_sha256=candidate.sha256, by="rob")
    refused = await refusal_of(handle.execute_update(DailyNav.accept_nav, by_reviser))
    assert "nav.same-person" in str(refused.details)

    by_ann = AcceptNav(result_sha256=candidate.sha256, by="Ann")
    await handle.execute_update(DailyNav.accept_nav, by_ann)
    result: DailyNavResult = await handle.result()
    assert str(result.nav) == "101000.00"
    assert names_of(store, handle.id) == ["candidate-2.json", "estimate-1.json", *FILES]


async def test_a_wrong_revision_is_refused_and_the_estimate_stays(
    nav_client: Client, desk: NavDesk, fund: Fund
) -> None:
    handle = await awaiting(nav_client, desk, fund)
    estimate = await shown(handle)
    for inputs, code in (
        ({"prices": desk.document("bad.csv", f"{PRICES}X,{DAY},cheap,EUR\n")}, "nav.input-invalid"),
        ({"weather": estimate}, "nav.unknown-input"),
    ):
        revision = ReviseInputs(inputs=inputs, by="Rob", reason="a try")
        refused = await refusal_of(handle.execute_update(DailyNav.revise_inputs, revision))
        assert code in str(refused.details)
    assert await shown(handle) == estimate
    await handle.execute_update(
        DailyNav.accept_nav, AcceptNav(result_sha256=estimate.sha256, by="Ann")
    )
    await handle.result()


async def test_a_rejected_nav_fails_with_the_reason_and_is_withdrawn(
    nav_client: Client, desk: NavDesk, fund: Fund, store: ArtifactStore
) -> None:
    handle = await awaiting(nav_client, desk, fund)
    no = RejectNav(by="Ann", reason="X traded at 102.")
    await handle.execute_update(DailyNav.reject_nav, no)
    failure = await failure_of(handle)
    assert "Ann rejected the NAV: X traded at 102." in failure.message
    assert names_of(store, handle.id) == ["estimate-1.json", "withdrawn.json"]


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
