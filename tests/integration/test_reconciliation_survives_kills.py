"""A worker killed or a run cancelled in mid-match: the same bytes, or nothing left behind."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
import pytest_asyncio
from temporalio.client import Client, WorkflowExecutionStatus, WorkflowFailureError
from temporalio.exceptions import CancelledError
from temporalio.service import RPCError

from rec_room import NEXT, RecRoom, rules_for
from rec_runs import begin, desk_of, leftovers, open_cases, story_of
from sample.processes import StartWorker, WorkerProcess, worker_processes
from sample.servers import KillableServer
from signed_words import tell
from task_desk import RING
from tenuto.artifacts.store import open_store
from tenuto.packs.finance.reconciliation.cases import Assign
from tenuto.packs.finance.reconciliation.models import ReconciliationResult
from tenuto.testing import eventually
from tenuto.triggers.start import Handle

pytestmark = pytest.mark.chaos  # slow: `make chaos` runs it

OURS = "account,instrument_id,quantity\n" + "".join(f"A,I{n},{n}\n" for n in range(1, 200))
THEIRS = OURS.replace("A,I7,7\n", "A,I7,700\n").replace("A,I9,9\n", "")


@pytest.fixture
def marks(tmp_path: Path) -> Path:
    folder = tmp_path / "marks"
    folder.mkdir()
    return folder


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the workers' temporary files go."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    return folder


@pytest.fixture
def room(tmp_path: Path) -> RecRoom:
    return RecRoom(open_store(str(tmp_path / "artifacts")))


@pytest_asyncio.fixture
async def start_worker(
    own_server: KillableServer, tmp_path: Path, marks: Path, temporary: Path
) -> AsyncIterator[StartWorker]:
    ring = tmp_path / "ring.json"
    ring.write_text(RING.public_part().model_dump_json(), encoding="utf-8")
    options = (
        *("--artifacts", str(tmp_path / "artifacts")),
        *("--marks", str(marks)),
        *("--ring", str(ring)),
    )
    async with worker_processes(
        own_server, tmp_path, *options, module="rec_worker_process"
    ) as one_more:
        yield one_more


async def finished(handle: Handle) -> ReconciliationResult:
    async def answered() -> ReconciliationResult:
        try:
            result: ReconciliationResult = await handle.result()
        except RPCError as error:
            raise AssertionError(error.message) from error
        return result

    return await eventually(answered, timeout_s=60)


def matching(marks: Path, worker: WorkerProcess) -> Callable[[], None]:
    def reached() -> None:
        assert (marks / f"matching-{worker.pid}").exists()

    return reached


@pytest.mark.chaos
async def test_all_1_a_worker_killed_in_mid_match_leaves_the_same_bytes(
    own_client: Client, start_worker: StartWorker, room: RecRoom, marks: Path, temporary: Path
) -> None:
    request = room.request(rules_for("position", rec_id="KILLED"), OURS, THEIRS)
    first = await start_worker()
    handle = await begin(own_client, request)
    await eventually(matching(marks, first))
    await first.kill()
    assert len(leftovers(temporary)) == 1
    (marks / "release").touch()
    second = await start_worker()
    killed = await finished(handle)
    assert (marks / f"matching-{second.pid}").exists()
    assert leftovers(temporary) == []

    undisturbed = request.model_copy(update={"version": 7})
    calm = await finished(await begin(own_client, undisturbed))
    assert calm.breaks.sha256 != ""
    assert (calm.open_breaks, calm.breaks.sha256) == (killed.open_breaks, killed.breaks.sha256)


async def test_ops_14_a_run_cancelled_in_mid_match_is_canceled_and_leaves_nothing(
    own_client: Client, start_worker: StartWorker, room: RecRoom, marks: Path, temporary: Path
) -> None:
    worker = await start_worker()
    request = room.request(rules_for("position", rec_id="CANCELED"), OURS, THEIRS)
    handle = await begin(own_client, request)
    await eventually(matching(marks, worker))
    assert len(leftovers(temporary)) == 1
    await handle.cancel()
    with pytest.raises(WorkflowFailureError) as ended:
        await handle.result()
    assert isinstance(ended.value.cause, CancelledError)
    assert (await handle.describe()).status is WorkflowExecutionStatus.CANCELED

    def clean() -> None:
        assert leftovers(temporary) == []

    await eventually(clean)
    assert list(room.store.names("reconciliation/CANCELED/")) == []


async def test_all_1_the_desk_survives_its_worker_and_its_server(
    own_client: Client,
    own_server: KillableServer,
    start_worker: StartWorker,
    room: RecRoom,
    marks: Path,
) -> None:
    (marks / "release").touch()
    rules = rules_for("position", rec_id="DESK")
    first = await start_worker()
    await finished(await begin(own_client, room.request(rules, OURS, THEIRS)))
    before = await open_cases(own_client, "DESK")
    assert len(before) == 2
    change = Assign(break_ids=(before[0].break_id,), owner="ann", by="bob")
    await tell(desk_of(own_client, "DESK"), "assign", change)
    await first.kill()
    await own_server.kill()
    await own_server.start()
    await start_worker()

    async def remembers() -> None:
        try:
            case = await story_of(own_client, "DESK", before[0].break_id)
        except RPCError as error:
            raise AssertionError(error.message) from error
        assert case.owner == "ann"

    await eventually(remembers, timeout_s=60)
    again = await finished(await begin(own_client, room.request(rules, OURS, THEIRS, day=NEXT)))
    assert (again.new_breaks, again.open_breaks) == (0, 2)
    assert (await story_of(own_client, "DESK", before[0].break_id)).owner == "ann"
