"""The cut-off of a NAV that waits for sign-off, when the server dies while people sleep."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from temporalio.client import Client
from temporalio.service import RPCError

from nav_desk import NavDesk
from nav_runs import PRICES, fund, task_of
from run_endings import failure_of
from sample.servers import KillableServer
from task_desk import task_worker, view
from tenuto.artifacts.current import use_store
from tenuto.artifacts.store import open_store
from tenuto.engine.bootstrap import prepare_namespace
from tenuto.engine.connection import Target, connect
from tenuto.engine.converter import error_code
from tenuto.packs.finance.models import Fund
from tenuto.packs.finance.nav.catalog import daily_nav
from tenuto.packs.finance.nav.pack import pack
from tenuto.packs.finance.sign_off import SignOff, SignOffRoute
from tenuto.testing import eventually
from tenuto.triggers.start import Handle, start

__all__ = ["fund"]

ZONES = ("Etc/UTC", "Etc/GMT+12", "Etc/GMT-14")
SOON = timedelta(seconds=25)


def cut_off_soon() -> tuple[datetime, str]:
    """A moment on a full minute that is a weekday somewhere, and how a fund writes it."""
    at = (datetime.now(UTC) + SOON).replace(second=0, microsecond=0) + timedelta(minutes=1)
    for zone in ZONES:
        local = at.astimezone(ZoneInfo(zone))
        if local.weekday() < 5:
            return local, f"{local:%H:%M} {zone}"
    pytest.skip("it is a weekend everywhere, and no fund has a cut-off")


@pytest.mark.chaos
@pytest.mark.timeout(240)
async def test_ops_4_a_night_deadline_fires_after_the_server_was_killed(
    own_server: KillableServer, tmp_path: Path, fund: Fund
) -> None:
    """It escalates at the cut-off, and ends when the grace is over: both by durable timers."""
    store = open_store(str(tmp_path / "artifacts"))
    use_store(store)
    local, cut_off = cut_off_soon()
    rules = SignOff(
        routes=(SignOffRoute(escalate_to=("g:nav-heads",)),), grace=timedelta(seconds=4)
    )
    watched = fund.model_copy(update={"cut_off": cut_off, "sign_off": rules})
    day = local.date()
    request = NavDesk(store).request(
        watched,
        day,
        positions="instrument_id,quantity\nX,1000\n",
        prices=f"{PRICES}X,{day},100,EUR\n",
    )
    request = request.model_copy(update={"version": None, "sign_off": "required"})

    async def begun(client: Client) -> Handle:
        try:
            return await start(client, daily_nav, request)
        except RPCError as not_yet:  # search attributes just created are not known at once
            raise AssertionError(not_yet.message) from not_yet

    client = await connected(own_server)
    async with task_worker(client, [pack]):
        handle = await eventually(lambda: begun(client))
        task = await task_of(handle)
    await own_server.kill()
    await own_server.start()
    client = await connected(own_server)
    async with task_worker(client, [pack]):
        failure = await failure_of(client.get_workflow_handle(handle.id))
        told = await view(client, task)
    use_store(None)
    assert error_code(failure) == "nav.not-accepted"
    assert told.state == "expired"
    whats = [each.what for each in told.happenings]
    assert "escalated" in whats
    assert "g:nav-heads" in told.candidates
    assert told.outcome is not None
    assert told.outcome.at >= local + rules.grace - timedelta(seconds=1)


async def connected(server: KillableServer) -> Client:
    client = await connect(Target(address=server.address, origin="embedded"))
    await prepare_namespace(client)
    return client
