"""Wrong inputs, wrong code, and garbage end a run or are refused: nothing hangs, nothing dies."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from temporalio.api.common.v1 import Payload
from temporalio.client import (
    Client,
    WorkflowFailureError,
    WorkflowQueryFailedError,
    WorkflowUpdateFailedError,
)
from temporalio.common import RawValue

from nav_desk import NavDesk
from nav_runs import PRICES, desk, fund, nav_client, nav_worker, request_for, store, waits
from run_endings import ended_cancelled
from sample import catalog
from sample.catalog import QUEUE
from sample.marks import marks
from sample.models import (
    ApprovalRequest,
    BigRequest,
    BigResult,
    Decision,
    Done,
    FiveStepsRequest,
    FlakyRequest,
    RaiseRequest,
    StepResult,
)
from sample.processes import StartWorker, WorkerProcess
from sample.servers import KillableServer
from tenuto.artifacts.external import external_storage
from tenuto.artifacts.store import open_store
from tenuto.core.errors import DataError
from tenuto.engine.connection import Target, connect
from tenuto.engine.runs.describe import RunDescription, describe_run
from tenuto.engine.runs.execution import Execution
from tenuto.engine.runs.handlers import read_handlers
from tenuto.engine.runs.history import read_history
from tenuto.engine.runs.status import RunStatus
from tenuto.engine.runs.steps import StepKind
from tenuto.packs.finance.models import Fund
from tenuto.packs.finance.nav.catalog import daily_nav
from tenuto.packs.finance.nav.workflow import DailyNav
from tenuto.triggers.start import start

__all__ = ["desk", "fund", "nav_client", "nav_worker", "store"]


async def failed_run(client: Client, type_name: str, args: list[Any]) -> RunDescription:
    """How a run ends that was started around the catalog with `args`."""
    handle = await client.start_workflow(
        type_name, args=args, id=f"around-{uuid4()}", task_queue=QUEUE
    )
    with pytest.raises(WorkflowFailureError):
        await handle.result()
    run = await describe_run(client, Execution(workflow_id=handle.id))
    assert run.status is RunStatus.FAILED
    assert run.failure is not None
    return run


def reason_of(run: RunDescription) -> tuple[str | None, str]:
    """Code and message of why a run failed."""
    assert run.failure is not None
    return run.failure.reason.code, run.failure.reason.message


@pytest.mark.usefixtures("worker")
class TestInputsAroundTheCatalog:
    """Starts by clients that know nothing of the catalog."""

    async def test_all_12_a_wrong_type_fails_the_run_naming_the_field(self, client: Client) -> None:
        code, message = reason_of(await failed_run(client, "FiveSteps", [{"folder": 3}]))
        assert code == "input.invalid"
        assert "`folder`" in message

    async def test_all_12_an_unknown_field_fails_the_run_naming_it(self, client: Client) -> None:
        wrong = {"folder": "/tmp", "heldd": []}
        code, message = reason_of(await failed_run(client, "FiveSteps", [wrong]))
        assert code == "input.invalid"
        assert "`heldd`" in message

    async def test_all_12_null_for_a_model_fails_the_run(self, client: Client) -> None:
        code, message = reason_of(await failed_run(client, "FiveSteps", [None]))
        assert code == "input.invalid"
        assert "FiveStepsRequest" in message

    async def test_inv_4_a_string_is_not_taken_for_a_list_of_its_letters(
        self, client: Client
    ) -> None:
        code, message = reason_of(await failed_run(client, "Listing", [{"names": "abc"}]))
        assert code == "input.invalid"
        assert "`names`" in message

    async def test_inv_4_nor_between_plain_workflow_and_activity(self, client: Client) -> None:
        run = await failed_run(client, "Counting", [])
        assert reason_of(run)[0] == "input.invalid"
        (step,) = (await read_history(client, Execution(workflow_id=run.workflow_id))).steps
        assert step.attempt == 1

    @pytest.mark.parametrize(
        ("type_name", "args"),
        [
            ("FiveSteps", []),
            ("FiveSteps", [{"folder": "/tmp"}, 2]),
            ("Greeting", ["ada"]),
            ("Prepared", []),
            ("Prepared", [{"subject": "F1"}, 2]),
        ],
    )
    async def test_all_12_another_argument_count_fails_the_run(
        self, client: Client, type_name: str, args: list[Any]
    ) -> None:
        code, message = reason_of(await failed_run(client, type_name, args))
        assert code == "input.argument-count"
        assert f"`{type_name}.run`" in message

    async def test_a_constructor_gets_the_request(self, client: Client) -> None:
        handle = await start(client, catalog.prepared, ApprovalRequest(subject="F1"))
        assert await handle.result() == Done(text="F1")
        wrong = await failed_run(client, "Prepared", [{"subject": 3}])
        assert reason_of(wrong)[0] == "input.invalid"

    async def test_plain_code_runs_as_it_is(self, client: Client) -> None:
        greeted: str = await client.execute_workflow(
            "Greeting", args=["ada", "hello"], id=f"plain-{uuid4()}", task_queue=QUEUE
        )
        assert greeted == "hello ada"


@pytest.mark.usefixtures("worker")
class TestErrors:
    """What an error does to a run and to its attempts."""

    async def test_an_error_of_ours_in_workflow_code_fails_the_run_with_its_code(
        self, client: Client
    ) -> None:
        handle = await start(client, catalog.raising, RaiseRequest(kind="data"))
        with pytest.raises(WorkflowFailureError):
            await handle.result()
        run = await describe_run(client, Execution(workflow_id=handle.id))
        assert run.failure is not None
        assert run.failure.line == "DataError (sample.wrong): The sample is wrong."
        assert run.failure.details == ({"row": 3, "code": "sample.wrong"},)

    async def test_sig_2_a_data_error_is_one_attempt_and_a_transient_one_is_not(
        self, client: Client, tmp_path: Path
    ) -> None:
        for error in ("data", "transient"):
            (tmp_path / error).mkdir()
        hopeless = FlakyRequest(folder=str(tmp_path / "data"), failures=1, error="data")
        passing = FlakyRequest(folder=str(tmp_path / "transient"), failures=1, error="transient")
        fails = await start(client, catalog.flaky, hopeless)
        passes = await start(client, catalog.flaky, passing)
        with pytest.raises(WorkflowFailureError):
            await fails.result()
        assert await passes.result() == StepResult(step="flaky")
        assert len(marks(tmp_path / "data", "flaky")) == 1
        assert len(marks(tmp_path / "transient", "flaky")) == 2

    async def test_an_error_of_a_native_module_in_workflow_code_is_caught(
        self, client: Client, worker: WorkerProcess
    ) -> None:
        handle = await start(client, catalog.raising, RaiseRequest(kind="native"))
        assert await handle.result() == Done(text="ValidationError")
        assert worker.is_running

    async def test_a_result_too_large_for_the_engine_is_one_attempt(self, client: Client) -> None:
        handle = await start(client, catalog.big, BigRequest(size_bytes=3_000_000))
        with pytest.raises(WorkflowFailureError):
            await handle.result()
        run = Execution(workflow_id=handle.id)
        code, message = reason_of(await describe_run(client, run))
        assert code == "payload.too-large"
        assert "artifact store" in message
        (step,) = (await read_history(client, run)).steps
        assert step.attempt == 1

    async def test_an_input_too_large_for_the_engine_starts_nothing(self, client: Client) -> None:
        large = FiveStepsRequest(folder="x" * 3_000_000)
        with pytest.raises(DataError) as refused:
            await start(client, catalog.five_steps, large)
        assert refused.value.code == "payload.too-large"


GARBAGE: tuple[Any, ...] = (
    None,
    "x",
    3,
    [],
    {},
    {"by": 1},
    {"is_approved": True, "by": "ada", "more": 1},
    {"a": {"b": {"c": [[[[]]]]}}},
    RawValue(Payload()),
    RawValue(Payload(metadata={"encoding": b"json/plain"}, data=b"{")),
    RawValue(Payload(metadata={"encoding": b"json/plain"}, data=b"[" * 20_000)),
    RawValue(Payload(metadata={"encoding": b"json/protobuf", "messageType": b"x"}, data=b"{}")),
    RawValue(Payload(metadata={"encoding": b"binary/encrypted"}, data=b"\x00\xff")),
)


def garbage_calls() -> Iterator[list[Any]]:
    """Argument lists no update expects."""
    yield []
    for each in GARBAGE:
        yield [each]
    yield [GARBAGE[1], GARBAGE[2], GARBAGE[3]]


async def test_garbage_to_every_handler_keeps_the_worker_up(
    client: Client, worker: WorkerProcess
) -> None:
    handle = await start(client, catalog.approval, ApprovalRequest(subject="F1"))
    for args in garbage_calls():
        with pytest.raises(WorkflowUpdateFailedError):
            await handle.execute_update("decide", args=args)
    with pytest.raises(WorkflowUpdateFailedError):
        await handle.execute_update("no_such_update", {})
    for args in garbage_calls():
        await handle.signal("no_such_signal", args=args)
        await handle.signal("note", args=args)
        with contextlib.suppress(WorkflowQueryFailedError):
            assert isinstance(await handle.query("notes", args=args), list)

    decision = Decision(is_approved=True, by="ada")
    assert await handle.execute_update("decide", decision) == "thank you"
    assert await handle.result() == decision
    assert worker.is_running
    # A signal is kept for good: code that fell over it would fall over it at every replay.
    history = await read_history(client, Execution(workflow_id=handle.id))
    assert sum(step.kind is StepKind.SIGNAL for step in history.steps) == 2 * len(
        list(garbage_calls())
    )


async def test_garbage_to_every_update_of_a_daily_nav_leaves_it_waiting(
    nav_client: Client, desk: NavDesk, fund: Fund
) -> None:
    request = request_for(desk, fund, prices=PRICES, on_missing="wait")
    handle = await start(nav_client, daily_nav, request)
    await waits(handle)
    handlers = await read_handlers(nav_client, Execution(workflow_id=handle.id))
    assert handlers is not None
    assert len(handlers.updates) >= 3
    for update in handlers.updates:
        for args in garbage_calls():
            with pytest.raises(WorkflowUpdateFailedError):
                await handle.execute_update(update.name, args=args)
    progress = await handle.query(DailyNav.progress)
    assert [each.instrument_id for each in progress.missing] == ["X"]
    await handle.cancel()
    await ended_cancelled(handle)


async def test_ova_4_a_large_result_passes_through_the_artifact_store(
    own_client: Client, own_server: KillableServer, start_worker: StartWorker, tmp_path: Path
) -> None:
    store = str(tmp_path / "artifacts")
    await start_worker("--artifacts", store)
    client = await connect(
        Target(address=own_server.address, origin="embedded"),
        external_storage=external_storage(open_store(store)),
    )
    handle = await start(client, catalog.big, BigRequest(size_bytes=3_000_000))
    assert await handle.result() == BigResult(text="x" * 3_000_000)

    run = Execution(workflow_id=handle.id)
    assert (await describe_run(client, run)).history_bytes < 10_000
    (step,) = (await read_history(client, run, with_payloads=True)).steps
    assert step.output is not None
    assert step.output.bytes > 3_000_000
    assert (step.output.problem or "").startswith("too large to show")
    (unread,) = (await read_history(own_client, run)).steps
    assert unread.output is None
