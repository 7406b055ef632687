"""Files that arrive: each version of each is one run, though workers are killed while they look."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import pytest_asyncio
from temporalio.client import Client, ScheduleActionExecutionStartWorkflow
from temporalio.testing import ActivityEnvironment

from guarded_desk import Desk, WordRules
from receiver_desk import targets_in
from sample.processes import WorkerProcess
from tenuto.activities.arrivals.looking import found_versions
from tenuto.catalog.library.arrivals.models import StartForFile, Watched, WatchRequest
from tenuto.core.errors import PolicyDenied
from tenuto.engine.embedded import ServerInfo
from tenuto.engine.project import use_settings
from tenuto.engine.settings import Settings
from tenuto.policy.current import use_policy
from tenuto.testing import eventually
from tenuto.triggers.events.current import use_targets
from tenuto.triggers.events.files.start_run import start_for_file
from tenuto.triggers.events.files.watching import owner_of_watches, wanted_watches
from tenuto.triggers.events.model import FileWatch
from tenuto.triggers.schedules.apply_plan import apply_plan
from tenuto.triggers.schedules.plan import Deed, make_plan

OWNER = owner_of_watches("tests")


async def apply(client: Client, folder: Path, **watches: FileWatch) -> list[Deed]:
    """What `tenuto triggers apply` did."""
    checked = wanted_watches(watches, "triggers.yaml")
    gate = Desk(client, folder).gate(rules=None)
    now = datetime.now(UTC)
    changes = await make_plan(client, checked, owner=OWNER, stamp="", sets=(), now=now)
    done = await apply_plan(client, gate, checked, changes, owner=OWNER, prune=True)
    return [each.change.deed for each in done]


def watch(folder: Path, **fields: object) -> FileWatch:
    return FileWatch.model_validate(
        {
            "url": f"{folder}/*.csv",
            "every": "1 second",
            "stable_for": "1 second",
            "run": "intake",
            "input": {"number": "${ .name }"},
            **fields,
        }
    )


async def runs(client: Client, name: str) -> int:
    return (await client.count_workflows(f"WorkflowId STARTS_WITH 'file/{name}/'")).count


async def last_look(client: Client, name: str) -> Watched:
    described = await client.get_schedule_handle(f"files/{name}").describe()
    assert described.info.recent_actions
    action = described.info.recent_actions[-1].action
    assert isinstance(action, ScheduleActionExecutionStartWorkflow)
    handle = client.get_workflow_handle(
        action.workflow_id,
        run_id=action.first_execution_run_id,
        result_type=Watched,
    )
    looked: Watched = await handle.result()
    return looked


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def worker(
    temporal_server: ServerInfo, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[list[WorkerProcess]]:
    """A worker that looks for files; tests may put another in its place."""
    folder = tmp_path_factory.mktemp("watching")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TENUTO_FILES_ROOTS", str(folder.parent))
        holder = [await start_worker(temporal_server, folder)]
        yield holder
        await holder[0].kill()


async def start_worker(server: ServerInfo, folder: Path) -> WorkerProcess:
    return await WorkerProcess.start(
        server.address,
        folder / "worker.log",
        module="file_watch_process",
        options=("--folder", str(folder)),
    )


@pytest.mark.chaos
async def test_inv_8_each_version_of_a_file_is_one_run_through_kills(
    temporal_server: ServerInfo,
    client: Client,
    worker: list[WorkerProcess],
    tmp_path: Path,
) -> None:
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    for number in range(20):
        (inbox / f"{number:02}.csv").write_text("a")
    (inbox / "half.csv.part").write_text("not yet")
    assert await apply(client, tmp_path, inbox=watch(inbox)) == [Deed.CREATE]

    async def some_started() -> None:
        assert await runs(client, "inbox") > 0

    await eventually(some_started)
    await worker[0].kill()
    (inbox / "later.csv").write_text("b")
    worker[0] = await start_worker(temporal_server, tmp_path)

    async def all_started() -> None:
        assert await runs(client, "inbox") == 21
        assert (await last_look(client, "inbox")).started == 0

    await eventually(all_started, timeout_s=40)
    (inbox / "00.csv").write_text("another content")

    async def new_version() -> None:
        assert await runs(client, "inbox") == 22

    await eventually(new_version)
    looked = await last_look(client, "inbox")
    assert {each.state for each in looked.files} == {"started"}
    assert await apply(client, tmp_path, inbox=watch(inbox)) == [Deed.UNCHANGED]
    assert await apply(client, tmp_path) == [Deed.PRUNE]


async def test_a_file_that_is_refused_keeps_no_other_from_being_taken(
    client: Client, worker: list[WorkerProcess], tmp_path: Path
) -> None:
    (tmp_path / "bad.csv").write_text("x")
    (tmp_path / "good.csv").write_text("x")
    mapped = {"number": '${ if .name == "bad.csv" then null else .name end }'}
    await apply(client, tmp_path, odd=watch(tmp_path, input=mapped))

    async def taken() -> None:
        looked = await last_look(client, "odd")
        states = {Path(each.path).name: each.state for each in looked.files}
        assert states == {"bad.csv": "refused", "good.csv": "started"}
        refused = next(each for each in looked.files if each.state == "refused")
        assert "`number`" in refused.problem

    await eventually(taken)
    assert await runs(client, "odd") == 1
    await apply(client, tmp_path)


async def test_policy_decides_what_a_file_may_start(
    client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "a.csv"
    file.write_text("x")
    monkeypatch.setenv("TENUTO_FILES_ROOTS", str(tmp_path))
    asked = WatchRequest(
        name="guarded", url=f"{tmp_path}/*.csv", run="intake", input={"number": "1"}
    )
    (found,) = found_versions(asked)
    use_settings(Settings(root=tmp_path))
    use_targets(lambda: targets_in(tmp_path))
    environment = ActivityEnvironment(client=client)
    outcomes: list[str] = []
    try:
        for who in ("s:file/other", "s:file/guarded"):
            use_policy(WordRules((who, "workflow:start", "intake")))
            request = StartForFile(watch=asked, file=found)
            try:
                outcomes.append((await environment.run(start_for_file, request)).status)
            except PolicyDenied as denied:
                outcomes.append(denied.code)
    finally:
        use_policy(None)
        use_targets(None)
        use_settings(None)
    assert outcomes == ["policy.denied", "started"]
