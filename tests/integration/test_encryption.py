"""With encryption on, nothing that people or programs write can be read on the server or disk."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest
import pytest_asyncio
from temporalio.api.workflowservice.v1 import DescribeScheduleRequest
from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleSpec,
    ScheduleState,
    WorkflowFailureError,
)
from temporalio.worker import Worker

from secret_workflows import ACTIVITIES, QUEUE, SECRET, WORKFLOWS, Secrets, Told
from tenuto.artifacts.external import external_storage
from tenuto.artifacts.store import ArtifactStore, open_store
from tenuto.cli.run_references import referenced_artifacts
from tenuto.core.errors import DataError, NotFoundError, TenutoError
from tenuto.engine.connection import Target, connect
from tenuto.engine.embedded import ServerInfo
from tenuto.engine.encryption import KEY_ID, EncryptionCodec
from tenuto.engine.guard import ArgumentGuard
from tenuto.engine.headers import header_text, signed
from tenuto.engine.runs.describe import describe_run
from tenuto.engine.runs.diagnosis import diagnose
from tenuto.engine.runs.execution import Execution
from tenuto.engine.runs.history import read_history
from tenuto.engine.runs.raw import describe_raw, events
from tenuto.engine.ticket_guard import TicketGuard
from tenuto.engine.trusting import trust_keys
from tenuto.engine.worker import sandboxed_runner
from tenuto.identity.data_keys import DataKeyFile
from tenuto.identity.keys import KeyFolder
from tenuto.identity.principal import Principal
from tenuto.identity.ticket import HEADER_TICKET
from tenuto.testing import eventually
from tenuto.triggers.gate.gate import Gate
from tenuto.triggers.gate.records import RecordsInMemory

pytestmark = pytest.mark.attack


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> DataKeyFile:
    made = DataKeyFile(tmp_path_factory.mktemp("keys"))
    made.open(datetime.now(UTC))
    return made


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> ArtifactStore:
    return open_store(str(tmp_path_factory.mktemp("artifacts")))


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def secret_client(
    temporal_server: ServerInfo, client: Client, keys: DataKeyFile, store: ArtifactStore
) -> Client:
    """A client that encrypts; `client` prepared the namespace."""
    return await connect(
        Target(address=temporal_server.address, origin="embedded"),
        external_storage=external_storage(store),
        codec=EncryptionCodec(client.namespace, keys),
    )


@pytest_asyncio.fixture(scope="module", loop_scope="session", autouse=True)
async def secret_worker(secret_client: Client) -> AsyncIterator[None]:
    async with _worker(secret_client, QUEUE):
        yield


def _worker(client: Client, queue: str) -> Worker:
    return Worker(
        client,
        task_queue=queue,
        workflows=WORKFLOWS,
        activities=ACTIVITIES,
        workflow_runner=sandboxed_runner(["secret_workflows"]),
        workflow_failure_exception_types=[TenutoError],
        interceptors=[TicketGuard(), ArgumentGuard()],
    )


async def _stored(client: Client, workflow_id: str) -> bytes:
    """Every byte the server keeps of a run and its child, as it sends them."""
    kept = b""
    for each in (workflow_id, f"{workflow_id}/child"):
        run = Execution(workflow_id=each, run_id="")
        try:
            kept += (await describe_raw(client, run)).SerializeToString()
        except NotFoundError:
            continue
        async for event in events(client, run):
            kept += event.SerializeToString()
    return kept


def _copy(source: DataKeyFile, target: DataKeyFile) -> None:
    target.path.write_bytes(source.path.read_bytes())
    target.path.chmod(0o600)


async def _start_with_newest_key(client: Client, keys: DataKeyFile, queue: str) -> tuple[str, str]:
    """A run whose input only the ring's newest key decrypts, and that key's id."""
    kid = keys.read().active.kid

    async def encrypts_with_it() -> None:
        [payload] = await client.data_converter.encode([SECRET])
        assert payload.metadata[KEY_ID] == kid.encode()

    await eventually(encrypts_with_it)
    return await _start(client, queue=queue), kid


async def _finish(client: Client, workflow_id: str) -> Told:
    handle = client.get_workflow_handle(workflow_id, result_type=Told)
    await handle.signal(Secrets.hear, Told(words=SECRET))
    await handle.signal(Secrets.hear, Told(words=SECRET))
    told: Told = await handle.result()
    return told


async def _start(client: Client, words: str = SECRET, queue: str = QUEUE) -> str:
    handle = await client.start_workflow(
        Secrets.run,
        Told(words=words),
        id=f"secret-{uuid4()}",
        task_queue=queue,
        memo={"at-start": words},
        static_summary=words[:100],
        static_details=words[:100],
    )
    return handle.id


async def test_no_byte_of_a_run_is_readable_and_every_one_is_for_its_client(
    secret_client: Client,
) -> None:
    workflow_id = await _start(secret_client)
    handle = secret_client.get_workflow_handle(workflow_id, result_type=Told)
    with signed({"tenuto-note": "headers are signed, not secret"}):
        await handle.signal(Secrets.hear, Told(words=SECRET))
        assert (await handle.execute_update(Secrets.answer, Told(words=SECRET))).words == SECRET
    assert SECRET in await handle.query(Secrets.heard, Told(words=SECRET))
    assert (await handle.result()).words == SECRET

    kept = await _stored(secret_client, workflow_id)
    assert b"binary/encrypted" in kept
    assert SECRET.encode() not in kept
    assert b"headers are signed, not secret" in kept

    run = Execution(workflow_id=workflow_id, run_id="")
    described = await describe_run(secret_client, run)
    assert described.memo["at-start"].values == (SECRET,)
    assert described.memo["later"].values == (SECRET,)
    assert described.summary == SECRET
    assert described.result
    assert described.result.values == ({"words": SECRET},)
    steps = {step.name: step for step in (await read_history(secret_client, run)).steps}
    assert steps["repeat"].summary == SECRET
    failed = steps["complain"].failure
    assert failed
    assert failed.reason.message == f"message: {SECRET}"
    assert failed.reason.code == "test.secret"
    assert failed.reason.cause
    assert failed.reason.cause.message == f"cause: {SECRET}"


async def test_a_ticket_fits_the_message_though_it_travels_encrypted(
    secret_client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tenuto.identity.trust._trusted", None)  # restored at the end
    signing = KeyFolder(tmp_path)
    trust_keys(signing)
    gate = Gate(Principal(id="u:ann"), None, signing, RecordsInMemory())
    workflow_id = await _start(secret_client)
    told = await gate.update(secret_client, workflow_id, "answer", [Told(words=SECRET)])
    assert told == {"words": SECRET}
    kept = await _stored(secret_client, workflow_id)
    assert HEADER_TICKET.encode() in kept
    assert SECRET.encode() not in kept
    assert (await _finish(secret_client, workflow_id)).words == SECRET


async def test_a_failure_is_encrypted_with_its_causes_and_stack_traces(
    secret_client: Client,
) -> None:
    workflow_id = await _start(secret_client, f"{SECRET}-fail")
    with pytest.raises(WorkflowFailureError) as failed:
        await _finish(secret_client, workflow_id)

    kept = await _stored(secret_client, workflow_id)
    assert SECRET.encode() not in kept
    assert b"secret_workflows.py" not in kept, "a stack trace is readable"
    cause = failed.value.cause.__cause__
    assert f"message: {SECRET}" in str(cause)


async def test_a_heartbeat_and_a_failed_attempt_are_encrypted_while_it_is_pending(
    secret_client: Client,
) -> None:
    workflow_id = await _start(secret_client, f"{SECRET}-stall")
    run = Execution(workflow_id=workflow_id, run_id="")

    async def waits() -> bytes:
        raw = await describe_raw(secret_client, run)
        assert raw.pending_activities
        [pending] = raw.pending_activities
        assert pending.last_failure.HasField("encoded_attributes")
        assert pending.heartbeat_details.payloads
        return raw.SerializeToString()

    assert SECRET.encode() not in await eventually(waits)
    [step] = (await read_history(secret_client, run)).steps
    assert step.failure
    assert step.failure.message == f"not yet: {SECRET}-stall"
    await secret_client.get_workflow_handle(workflow_id).terminate()


async def test_a_schedule_keeps_its_arguments_encrypted(secret_client: Client) -> None:
    handle = await secret_client.create_schedule(
        f"secret-{uuid4()}",
        Schedule(
            action=ScheduleActionStartWorkflow(
                Secrets.run,
                Told(words=SECRET),
                id="secret-scheduled",
                task_queue=QUEUE,
                memo={"at-start": SECRET},
            ),
            spec=ScheduleSpec(),
            state=ScheduleState(paused=True),
        ),
        memo={"about": SECRET},
    )
    kept = await secret_client.workflow_service.describe_schedule(
        DescribeScheduleRequest(namespace=secret_client.namespace, schedule_id=handle.id)
    )
    await handle.delete()
    assert b"binary/encrypted" in kept.SerializeToString()
    assert SECRET.encode() not in kept.SerializeToString()


async def test_what_goes_to_the_store_is_encrypted_before(
    secret_client: Client, store: ArtifactStore
) -> None:
    large = f"{SECRET} " * 20_000
    workflow_id = await _start(secret_client, large)
    assert (await _finish(secret_client, workflow_id)).words == large

    blobs = [store.get_bytes(blob.uri) for blob in store.list_blobs()]
    assert any(len(blob) > 256 * 1024 for blob in blobs)
    assert not any(SECRET.encode() in blob for blob in blobs)
    assert b"artifact://" in await _stored(secret_client, workflow_id), "gc finds claims"


async def test_a_run_begun_before_encryption_goes_on_under_it(
    client: Client, secret_client: Client
) -> None:
    workflow_id = await _start(client)
    handle = secret_client.get_workflow_handle(workflow_id, result_type=Told)
    await handle.signal(Secrets.hear, Told(words="now in secret"))
    await handle.signal(Secrets.hear, Told(words="now in secret"))
    assert (await handle.result()).words == SECRET
    kept = await _stored(secret_client, workflow_id)
    assert SECRET.encode() in kept, "what was written before stays as it was"
    assert b"now in secret" not in kept


async def test_a_rotated_key_is_used_by_whoever_runs_already(
    secret_client: Client, keys: DataKeyFile
) -> None:
    before = keys.read().active.kid
    begun = await _start(secret_client)
    after = keys.rotate(datetime.now(UTC)).active.kid
    await _finish(secret_client, begun)

    async def all_write_with_it() -> None:
        workflow_id = await _start(secret_client)
        await _finish(secret_client, workflow_id)
        kept = await _stored(secret_client, workflow_id)
        assert after.encode() in kept
        assert before.encode() not in kept

    await eventually(all_write_with_it)


@pytest_asyncio.fixture
async def late_client(
    temporal_server: ServerInfo, secret_client: Client, keys: DataKeyFile, tmp_path: Path
) -> Client:
    """A client whose copy of the keys is older than the last rotation."""
    _copy(keys, DataKeyFile(tmp_path))
    keys.rotate(datetime.now(UTC))
    return await connect(
        Target(address=temporal_server.address, origin="embedded"),
        codec=EncryptionCodec(secret_client.namespace, DataKeyFile(tmp_path)),
    )


async def test_a_worker_without_the_key_says_so(
    secret_client: Client, late_client: Client, keys: DataKeyFile
) -> None:
    queue = f"late-{uuid4()}"
    workflow_id, kid = await _start_with_newest_key(secret_client, keys, queue)
    async with _worker(late_client, queue):
        await eventually(lambda: _is_diagnosed(secret_client, workflow_id, kid))
    shown = await describe_run(late_client, Execution(workflow_id=workflow_id, run_id=""))
    problem = shown.memo["at-start"].problem
    assert problem
    assert f"key `{kid}`" in problem
    await secret_client.get_workflow_handle(workflow_id).terminate()


@pytest.mark.chaos
async def test_a_worker_that_gets_the_key_later_goes_on(
    secret_client: Client, late_client: Client, keys: DataKeyFile, tmp_path: Path
) -> None:
    queue = f"late-{uuid4()}"
    workflow_id, kid = await _start_with_newest_key(secret_client, keys, queue)
    async with _worker(late_client, queue):
        await eventually(lambda: _is_diagnosed(secret_client, workflow_id, kid))
        _copy(keys, DataKeyFile(tmp_path))
        assert (await _finish(secret_client, workflow_id)).words == SECRET


async def _is_diagnosed(client: Client, workflow_id: str, kid: str) -> None:
    told = await diagnose(client, Execution(workflow_id=workflow_id, run_id=""))
    assert any(f"key `{kid}`" in finding.sentence for finding in told.findings)


async def test_headers_are_read_without_a_codec(client: Client, secret_client: Client) -> None:
    with signed({"tenuto-permit": "a permit"}):
        workflow_id = await _start(secret_client, queue=f"nobody-{uuid4()}")
    first = await anext(events(client, Execution(workflow_id=workflow_id, run_id="")))
    started = first.workflow_execution_started_event_attributes
    assert header_text(started.header.fields, "tenuto-permit") == "a permit"
    await client.get_workflow_handle(workflow_id).terminate()


async def test_an_unreadable_payload_says_which_key_is_missing(
    temporal_server: ServerInfo, secret_client: Client, tmp_path: Path
) -> None:
    stranger = await connect(
        Target(address=temporal_server.address, origin="embedded"),
        codec=EncryptionCodec(secret_client.namespace, DataKeyFile(tmp_path), writes=False),
    )
    [payload] = await secret_client.data_converter.encode([SECRET])
    with pytest.raises(DataError, match="is not in") as refused:
        await stranger.data_converter.decode([payload])
    assert refused.value.code == "encryption.no-key"


async def test_garbage_collection_sees_what_encrypted_payloads_refer_to(
    secret_client: Client, store: ArtifactStore
) -> None:
    for size in (1, 300_000):
        document = store.put_bytes(b"x" * size, name="prospectus", media_type="text/plain")
        words = f"{document.uri} {'x' * size}"
        workflow_id = await _start(secret_client, words, queue=f"nobody-{uuid4()}")
        assert document.sha256.encode() not in await _stored(secret_client, workflow_id)
        assert document.uri in (await referenced_artifacts(secret_client))[1]
        await secret_client.get_workflow_handle(workflow_id).terminate()
