"""Files and statements through the real engine: a late file, a wrong file, a held statement."""

import tempfile
from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path

import pytest
import pytest_asyncio
from temporalio.client import Client, WorkflowFailureError, WorkflowHandle

from reading_workflow import ReadAll, ReadAllRequest, ReadAllResult
from statement_samples import mt940_text
from tenuto.activities.fetch.pack import pack
from tenuto.artifacts.current import use_store
from tenuto.artifacts.store import ArtifactStore, open_store
from tenuto.catalog.describe import describe_workflow
from tenuto.catalog.library.fetch.files import FetchFilesRequest, FileColumn
from tenuto.catalog.library.fetch.statements import FetchStatementsRequest
from tenuto.engine.registration import load_registration
from tenuto.engine.runs.describe import describe_run
from tenuto.engine.runs.execution import Execution
from tenuto.engine.runs.history import read_history
from tenuto.engine.settings import WorkerSettings
from tenuto.engine.worker import build_workers
from tenuto.testing import eventually
from tenuto.triggers.start import start

QUEUE = "reading"
ENTRY = describe_workflow(ReadAll, QUEUE)


@pytest.fixture
def inbox(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a day's files, the only one the worker may read from."""
    folder = tmp_path / "inbox"
    folder.mkdir()
    monkeypatch.setenv("TENUTO_FILES_ROOTS", str(folder))
    (folder / "positions.csv").write_text("isin,quantity\nUS0378331005,10.5\nDE0001102580,-3\n")
    monday = mt940_text(
        reference="MON", lines=[":61:240102C5,NTRFX"], closing=("62F", "C", "240102", "EUR", "5,")
    )
    wrong = mt940_text(
        reference="TUE", number="2/1", opening=("60F", "C", "240102", "EUR", "5,"),
        lines=[":61:240103C5,NTRFX"], closing=("62F", "C", "240103", "EUR", "11,"),
    )  # fmt: skip
    (folder / "bank.sta").write_text(monday + wrong)
    return folder


@pytest_asyncio.fixture
async def store(client: Client, tmp_path: Path) -> AsyncIterator[ArtifactStore]:
    """A store, and workers of the fetch pack while the test runs."""
    store = open_store(str(tmp_path / "artifacts"))
    use_store(store)
    registration = load_registration([pack], ["reading_workflow"], QUEUE)
    queues = [QUEUE, "integration", "compute"]
    first, second, third = build_workers(
        client, registration, WorkerSettings(), queues=queues, is_embedded=True
    )
    async with first, second, third:
        yield store
    use_store(None)


async def begin(client: Client, inbox: Path) -> WorkflowHandle[object, ReadAllResult]:
    columns = (FileColumn(name="isin"), FileColumn(name="quantity", kind="decimal", scale=4))
    request = ReadAllRequest(
        files=FetchFilesRequest(path=str(inbox / "positions.csv"), format="csv", columns=columns),
        statements=FetchStatementsRequest(path=str(inbox / "*.sta"), message="mt940"),
    )
    return await start(client, ENTRY, request)


async def test_files_and_statements_are_read_and_checked(
    client: Client, store: ArtifactStore, inbox: Path
) -> None:
    handle = await begin(client, inbox)
    result = await handle.result()
    positions = store.get_table(result.files.data)
    assert positions["quantity"].to_list() == [Decimal("10.5"), Decimal(-3)]
    assert positions["source_row"].to_list() == [2, 3]
    assert store.get_table(result.checked.accepted)["reference"].to_list() == ["MON"]
    assert store.get_table(result.checked.entries)["amount"].to_list() == [Decimal(5)]
    (finding,) = result.checked.findings
    assert (finding.rule, finding.statement_id) == ("balance", "bank.sta#2")


async def test_a_file_that_is_still_being_written_is_waited_for(
    client: Client, store: ArtifactStore, inbox: Path
) -> None:
    marker = inbox / "positions.csv.part"
    marker.touch()
    handle = await begin(client, inbox)

    async def one_attempt_failed() -> None:
        run = await read_history(client, Execution(workflow_id=handle.id))
        assert any(step.attempt > 1 for step in run.steps)

    await eventually(one_attempt_failed)
    marker.unlink()
    assert (await handle.result()).files.data.rows == 2


async def test_a_wrong_file_is_one_attempt_and_names_row_and_column(
    client: Client, store: ArtifactStore, inbox: Path
) -> None:
    (inbox / "positions.csv").write_text("isin,quantity\nUS0378331005,ten\n")
    handle = await begin(client, inbox)
    with pytest.raises(WorkflowFailureError):
        await handle.result()
    run = await describe_run(client, Execution(workflow_id=handle.id))
    assert run.failure is not None
    assert run.failure.reason.code == "files.bad-cells"
    assert "positions.csv, row 2, column quantity: `ten`" in run.failure.reason.message
    (step,) = (await read_history(client, Execution(workflow_id=handle.id))).steps
    assert step.attempt == 1


# The SDK raises the cancellation in the thread; within a destructor Python drops it with a warning.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
async def test_cancelling_a_run_stops_the_reading(
    client: Client,
    store: ArtifactStore,
    inbox: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    (inbox / "positions.csv").write_text("isin,quantity\n" + "US0378331005,1\n" * 5_000_000)
    handle = await begin(client, inbox)

    def is_reading() -> None:
        assert list(scratch.glob("*/good/part-*"))

    def nothing_is_left() -> None:
        assert list(scratch.iterdir()) == []

    await eventually(is_reading)
    await handle.cancel()
    with pytest.raises(WorkflowFailureError):
        await handle.result()
    await eventually(nothing_is_left)
    tables = [blob for blob in store.list_blobs() if blob.bytes > 1000]
    assert len(tables) == 1, "only the file itself was kept"
