"""Reconciliation runs for tests of the engine: a worker of the pack, and how a run ended."""

import tempfile
from collections.abc import AsyncIterator, Awaitable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest
import pytest_asyncio
from temporalio.client import (
    Client,
    WorkflowFailureError,
    WorkflowQueryFailedError,
    WorkflowUpdateFailedError,
)
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError

from rec_room import RecRoom
from task_desk import task_worker
from tenuto.artifacts.current import use_store
from tenuto.artifacts.external import external_storage
from tenuto.artifacts.store import open_store
from tenuto.engine.connection import Target, connect
from tenuto.engine.embedded import ServerInfo
from tenuto.packs.finance.reconciliation import catalog
from tenuto.packs.finance.reconciliation.cases import BreakCase, Find, Found
from tenuto.packs.finance.reconciliation.models import ReconciliationRequest, ReconciliationResult
from tenuto.packs.finance.reconciliation.pack import pack
from tenuto.testing import eventually
from tenuto.triggers.start import Handle, start

_Result = TypeVar("_Result")


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> RecRoom:
    """Files and runs on the worker's own store."""
    return RecRoom(open_store(str(tmp_path_factory.mktemp("artifacts"))))


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Where this process puts temporary folders, and no other test's process does."""
    before, tempfile.tempdir = tempfile.tempdir, str(tmp_path_factory.mktemp("scratch"))
    yield Path(tempfile.tempdir)
    tempfile.tempdir = before


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def rec_client(
    temporal_server: ServerInfo, temporal_client: Client, room: RecRoom
) -> AsyncIterator[Client]:
    """A client of a server on which a worker of the pack runs, sandbox on, with a store for large
    payloads, as every process of a project connects."""
    use_store(room.store)
    client = await connect(
        Target(address=temporal_server.address, origin="embedded"),
        external_storage=external_storage(room.store),
    )
    async with task_worker(client, [pack]):
        yield client
    use_store(None)


@pytest.fixture
def rec_id(request: pytest.FixtureRequest) -> str:
    """Every test has a reconciliation, and so a desk, of its own."""
    return str(request.node.name)[:60].replace("[", "-").rstrip("]")


async def reconcile(client: Client, request: ReconciliationRequest) -> ReconciliationResult:
    """The result of a run that needs nobody; its version is the first free one."""
    handle = await begin(client, request)
    result: ReconciliationResult = await handle.result()
    return result


async def begin(client: Client, request: ReconciliationRequest) -> Handle:
    """A started run."""
    return await start(client, catalog.reconciliation, request.model_copy(update={"version": None}))


def desk_of(client: Client, rec_id: str) -> Handle:
    """The break desk of a reconciliation."""
    return client.get_workflow_handle(f"breaks/{rec_id}")


async def open_cases(client: Client, rec_id: str, **wanted: Any) -> tuple[BreakCase, ...]:
    """What the desk lists."""
    found: Found = await desk_of(client, rec_id).query("find", Find(**wanted), result_type=Found)
    return found.cases


async def story_of(client: Client, rec_id: str, break_id: str) -> BreakCase:
    """One break, whole."""
    case: BreakCase = await desk_of(client, rec_id).query("story", break_id, result_type=BreakCase)
    return case


async def task_of(client: Client, rec_id: str, break_id: str) -> str:
    """Id of the task that decides whether this break is closed, once there is one."""

    async def asked() -> None:
        tasks = await desk_of(client, rec_id).query("tasks", result_type=dict[str, str])
        assert break_id in tasks

    await eventually(asked)
    tasks = await desk_of(client, rec_id).query("tasks", result_type=dict[str, str])
    return str(tasks[break_id])


async def failure_of(handle: Handle) -> ApplicationError:
    """The error a run ended with."""
    with pytest.raises(WorkflowFailureError) as failed:
        await handle.result()
    return _application_error(failed.value)


async def refusal_of(update: Awaitable[Any]) -> ApplicationError:
    """The error an update was refused with."""
    with pytest.raises(WorkflowUpdateFailedError) as refused:
        await update
    return _application_error(refused.value)


def _application_error(error: BaseException) -> ApplicationError:
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, ApplicationError):
        cause = cause.__cause__
    assert isinstance(cause, ApplicationError)
    return cause


async def answered(asked: Awaitable[_Result]) -> _Result:
    """The answer; an engine that does not answer yet is an AssertionError, for `eventually`."""
    try:
        return await asked
    except (RPCError, WorkflowQueryFailedError) as silent:
        raise AssertionError(str(silent)) from silent


def leftovers(folder: Path) -> list[str]:
    """Temporary folders of matching that are still there."""
    return sorted(each.name for each in folder.glob("tenuto-matching-*"))
