"""A run that no rule allows cannot be started by any road, and one permit starts one run."""

import uuid
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, NoReturn

import pytest
import pytest_asyncio
from temporalio import workflow
from temporalio.api.common.v1 import Payloads, WorkflowExecution, WorkflowType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import (
    ResetWorkflowExecutionRequest,
    StartWorkflowExecutionRequest,
)
from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleHandle,
    ScheduleSpec,
    WithStartWorkflowOperation,
    WorkflowHandle,
    WorkflowUpdateFailedError,
)
from temporalio.common import (
    SearchAttributeKey,
    SearchAttributePair,
    TypedSearchAttributes,
    WorkflowIDConflictPolicy,
)
from temporalio.testing import ActivityEnvironment
from temporalio.worker import (
    Interceptor,
    UnsandboxedWorkflowRunner,
    Worker,
    WorkflowInboundInterceptor,
    WorkflowInterceptorClassInput,
    WorkflowOutboundInterceptor,
)

from guarded_bodies import PAID
from guarded_catalog import QUEUE, patient, payment, rolling
from guarded_desk import ANN_MAY_ALL, Desk, WordRules, refusal
from guarded_models import Payment, Rounds
from tenuto.core.errors import PolicyDenied
from tenuto.engine.content import input_hash, sent_payloads
from tenuto.engine.headers import header_payload, signed
from tenuto.engine.permit_check import PermitOffice
from tenuto.engine.permit_claim import PermitClaim
from tenuto.engine.runs.execution import Execution
from tenuto.engine.runs.raw import close_event
from tenuto.identity.keys import KeyFolder, KeyRing
from tenuto.identity.principal import Authentication
from tenuto.identity.signing import sign
from tenuto.identity.ticket import HEADER_PERMIT, NO_POLICY, Permit
from tenuto.testing import eventually

pytestmark = pytest.mark.attack
FOREIGN_QUEUE = "somebody-elses"


@pytest_asyncio.fixture(scope="module")
async def desk(client: Client, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    """With policy on, and its worker."""
    desk = Desk(client, tmp_path_factory.mktemp("desk"))
    async with desk.worker():
        yield desk


@pytest.fixture
def named(request: pytest.FixtureRequest) -> str:
    """Whoever would be paid in this test."""
    return f"{request.node.name}-{uuid.uuid4().hex[:6]}"


def permit(desk: Desk, run: str, request: Any, **changes: Any) -> Permit:
    """A permit that fits a payment called `run`, but for `changes`."""
    now = datetime.now(UTC)
    fitting = Permit(
        jti=uuid.uuid4().hex,
        sub="u:ann",
        type="Payment",
        namespace=desk.client.namespace,
        wid=run,
        queue=QUEUE,
        ih=input_hash(sent_payloads(desk.client, [request])),
        iat=now,
        exp=now + timedelta(minutes=5),
        pol=NO_POLICY,
        auth=Authentication(method="local"),
    )
    return fitting.model_copy(update=changes)


def ring(desk: Desk) -> KeyRing:
    """The keys of the gate."""
    return desk.keys.open("decisions", datetime.now(UTC))


async def start_with(
    desk: Desk, text: str, request: Any, run: str, **given: Any
) -> WorkflowHandle[Any, Any]:
    """A raw start that carries `text` as its permit."""
    with signed({HEADER_PERMIT: text}):
        return await desk.start_raw(payment, request, id=run, **given)


async def test_inv_3_a_genuine_permit_is_what_these_tests_vary(desk: Desk, named: str) -> None:
    request = Payment(to=named)
    text = sign(permit(desk, named, request), ring(desk))
    assert await refusal(await start_with(desk, text, request, named)) is None
    assert PAID[named] == 1


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"wid": "another-run"}, "permit.other-run"),
        ({"type": "Rolling"}, "permit.other-run"),
        ({"queue": "elsewhere"}, "permit.other-run"),
        ({"namespace": "elsewhere"}, "permit.other-run"),
        ({"schedule": "definition/a/b"}, "permit.other-run"),
        ({"ih": "0" * 64}, "permit.other-input"),
        (
            {
                "iat": datetime(2026, 1, 1, tzinfo=UTC),
                "exp": datetime(2026, 1, 1, 0, 5, tzinfo=UTC),
            },
            "permit.expired",
        ),
    ],
)
async def test_a_permit_for_something_else_starts_nothing(
    desk: Desk, named: str, changes: Mapping[str, Any], code: str
) -> None:
    request = Payment(to=named)
    text = sign(permit(desk, named, request, **changes), ring(desk))
    assert await refusal(await start_with(desk, text, request, named)) == code
    assert PAID[named] == 0


async def test_a_permit_with_another_input_starts_nothing(desk: Desk, named: str) -> None:
    text = sign(permit(desk, named, Payment(to=named, amount="1.00")), ring(desk))
    run = await start_with(desk, text, Payment(to=named, amount="1000000.00"), named)
    assert await refusal(run) == "permit.other-input"
    assert PAID[named] == 0


async def test_a_field_that_the_permit_left_out_is_not_filled_in(desk: Desk, named: str) -> None:
    text = sign(permit(desk, named, Payment(to=named)), ring(desk))
    assert await refusal(await start_with(desk, text, {"to": named}, named)) == (
        "permit.other-input"
    )
    text = sign(permit(desk, f"{named}-2", {"to": named}), ring(desk))
    assert await refusal(await start_with(desk, text, {"to": named}, f"{named}-2")) is None
    assert PAID[named] == 1


async def test_what_is_not_signed_by_the_gate_starts_nothing(desk: Desk, named: str) -> None:
    request = Payment(to=named)
    content = permit(desk, named, request)
    good = sign(content, ring(desk))
    head, body, signature = good.split(".")
    forgeries = [
        f"{head}.{body}.{signature[:-6]}AAAAAA",
        f"{head}.{body}.",
        f"{head}.{body[:-8]}{signature}",
        "no text of ours",
        "",
        "\x00" * 100,
        good * 50,
    ]
    for number, text in enumerate(forgeries):
        run = await start_with(desk, text, request, f"{named}-{number}")
        assert await refusal(run) == "permit.forged", text
    binary = await desk.client.start_workflow(
        "Payment", request, id=f"{named}-id", task_queue=QUEUE
    )
    assert await refusal(binary) == "permit.missing"
    assert PAID[named] == 0


async def test_a_key_of_somebody_else_and_a_revoked_one_start_nothing(
    desk: Desk, named: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    request = Payment(to=named)
    foreign = KeyFolder(tmp_path_factory.mktemp("foreign")).open("decisions", datetime.now(UTC))
    text = sign(permit(desk, named, request), foreign)
    assert await refusal(await start_with(desk, text, request, named)) == "permit.unknown-key"
    stolen = ring(desk)
    text = sign(permit(desk, f"{named}-2", request), stolen)
    desk.keys.rotate("decisions", datetime.now(UTC))
    desk.keys.revoke("decisions", stolen.active.kid, datetime.now(UTC))

    async def refused() -> None:
        run = f"{named}-{uuid.uuid4().hex}"
        text = sign(permit(desk, run, request), stolen)
        assert await refusal(await start_with(desk, text, request, run)) == "permit.unknown-key"

    await eventually(refused)
    before = PAID[named]
    run = await desk.gate().start(desk.client, payment, request, workflow_id=f"{named}-new")
    assert await refusal(run) is None
    assert PAID[named] == before + 1


async def test_a_permit_starts_one_run(desk: Desk, named: str) -> None:
    request = Payment(to=named)
    text = sign(permit(desk, named, request), ring(desk))
    assert await refusal(await start_with(desk, text, request, named)) is None
    assert await refusal(await start_with(desk, text, request, named)) == "permit.used"
    assert PAID[named] == 1


async def test_a_permit_starts_one_run_whichever_process_looks(desk: Desk, named: str) -> None:
    request = Payment(to=named)
    text = sign(permit(desk, named, request), ring(desk))
    first = await start_with(desk, text, request, named)
    assert await refusal(first) is None
    second = await start_with(desk, text, request, named)
    assert await refusal(second) == "permit.used"
    now = datetime.now(UTC)
    claims = [
        PermitClaim(
            text=text,
            type_name="Payment",
            namespace=desk.client.namespace,
            workflow_id=named,
            run_id=str(run.result_run_id),
            queue=QUEUE,
            original_run_id=str(run.result_run_id),
            first_run_id=str(run.result_run_id),
            started_at=now,
            content=input_hash(sent_payloads(desk.client, [request])),
            scheduled_by=None,
            source=None,
            root=None,
        )
        for run in (first, second)
    ]
    elsewhere = ActivityEnvironment(client=desk.client)

    async def is_refused_by_the_servers_records() -> None:
        with pytest.raises(PolicyDenied) as refused:
            await elsewhere.run(PermitOffice(is_on=True).check, claims[1])
        assert refused.value.code == "permit.used"

    await eventually(is_refused_by_the_servers_records)


async def test_what_the_server_repeats_by_itself_is_not_what_was_permitted(
    desk: Desk, named: str
) -> None:
    """A cron line comes with the start: whatever became of the first run, the server makes a
    second from it, with the same headers."""
    text = sign(permit(desk, named, Payment(to="somebody"), type="Rolling"), ring(desk))
    request = Payment(to=named, amount="1000000.00")
    first = await start_with(desk, text, request, named, cron_schedule="@every 1s")

    async def is_repeated() -> str:
        latest = (await desk.client.get_workflow_handle(named).describe()).run_id
        assert latest != first.result_run_id
        return latest

    again = await eventually(is_repeated)

    async def is_refused() -> None:
        end = await close_event(desk.client, Execution(workflow_id=named, run_id=again))
        assert "the server repeats it" in str(end)

    await eventually(is_refused)
    await desk.client.get_workflow_handle(named).terminate()
    assert PAID[named] == 0


async def test_a_start_that_says_a_schedule_made_it_is_asked_for_at_the_schedule(
    desk: Desk, named: str
) -> None:
    request, wid = Payment(to=named), f"{named}-run"
    text = sign(permit(desk, wid, request, schedule=named, exp=None), ring(desk))
    says = SearchAttributePair(SearchAttributeKey.for_keyword("TemporalScheduledById"), named)
    run = await start_with(
        desk,
        text,
        request,
        f"{wid}-2026-03-31T09:00:00Z",
        search_attributes=TypedSearchAttributes([says]),
    )
    assert await refusal(run) == "permit.other-run"
    assert PAID[named] == 0


async def test_a_start_without_any_library_is_refused(desk: Desk, named: str) -> None:
    (payload,) = sent_payloads(desk.client, [Payment(to=named)])
    await desk.client.workflow_service.start_workflow_execution(
        StartWorkflowExecutionRequest(
            namespace=desk.client.namespace,
            workflow_id=named,
            workflow_type=WorkflowType(name="Payment"),
            task_queue=TaskQueue(name=QUEUE),
            input=Payloads(payloads=[payload]),
            request_id=uuid.uuid4().hex,
            identity="somebody",
        )
    )
    assert await refusal(desk.client.get_workflow_handle(named)) == "permit.missing"
    assert PAID[named] == 0


async def test_a_message_that_comes_with_its_start_does_nothing(desk: Desk, named: str) -> None:
    request = Payment(to=named)
    run = await desk.start_raw(
        patient, request, start_signal="pay_soon", start_signal_args=[request]
    )
    assert await refusal(run) == "permit.missing"
    text = sign(permit(desk, named, request, type="Patient", exp=datetime.now(UTC)), ring(desk))
    for number, headers in enumerate(({}, {HEADER_PERMIT: text})):
        opening: WithStartWorkflowOperation[Any, Any] = WithStartWorkflowOperation(
            "Patient",
            request,
            id=f"{named}-{number}",
            task_queue=QUEUE,
            id_conflict_policy=WorkflowIDConflictPolicy.FAIL,
        )
        with signed(headers), pytest.raises(WorkflowUpdateFailedError):
            await desk.client.execute_update_with_start_workflow(
                "pay_now", request, start_workflow_operation=opening
            )
        assert await refusal(await opening.workflow_handle()) in (
            "permit.missing",
            "permit.other-run",
        )
    assert PAID[named] == 0


async def test_a_schedule_that_tenuto_did_not_make_starts_nothing(desk: Desk, named: str) -> None:
    action = ScheduleActionStartWorkflow(
        "Payment", Payment(to=named), id=f"{named}-run", task_queue=QUEUE
    )
    stolen = permit(desk, f"{named}-run", Payment(to=named), schedule="definition/a/b", exp=None)
    codes: list[str | None] = []
    for header in ({}, {HEADER_PERMIT: header_payload(sign(stolen, ring(desk)))}):
        action.headers = header
        schedule = await desk.client.create_schedule(
            f"{named}-{len(codes)}", Schedule(action=action, spec=ScheduleSpec())
        )
        await schedule.trigger()
        run = await _started_by(desk.client, schedule)
        codes.append(await refusal(run))
        await schedule.delete()
    assert codes == ["permit.missing", "permit.other-run"]
    assert PAID[named] == 0


async def test_a_schedules_permit_holds_for_its_starts_and_for_no_other(
    desk: Desk, named: str
) -> None:
    request, wid = Payment(to=named), f"{named}-run"
    text = sign(permit(desk, wid, request, schedule=named, exp=None), ring(desk))
    action = ScheduleActionStartWorkflow("Payment", request, id=wid, task_queue=QUEUE)
    action.headers = {HEADER_PERMIT: header_payload(text)}
    schedule = await desk.client.create_schedule(
        named, Schedule(action=action, spec=ScheduleSpec())
    )
    await schedule.trigger()
    run = await _started_by(desk.client, schedule)
    assert await refusal(run) is None
    assert PAID[named] == 1
    await schedule.delete()
    for other in (wid, f"{wid}-2026-03-31T09:00:00Z", f"{wid}-evil"):
        assert await refusal(await start_with(desk, text, request, other)) == "permit.other-run"
    assert PAID[named] == 1


async def test_a_denied_run_that_is_reset_is_denied_again(desk: Desk, named: str) -> None:
    run = await desk.start_raw(payment, Payment(to=named))
    assert await refusal(run) == "permit.missing"
    answer = await desk.client.workflow_service.reset_workflow_execution(
        ResetWorkflowExecutionRequest(
            namespace=desk.client.namespace,
            workflow_execution=WorkflowExecution(
                workflow_id=run.id, run_id=run.result_run_id or ""
            ),
            workflow_task_finish_event_id=3,
            reason="again",
            request_id=uuid.uuid4().hex,
        )
    )
    again = desk.client.get_workflow_handle(run.id, run_id=answer.run_id)
    assert await refusal(again) == "permit.missing"
    assert PAID[named] == 0


class Carrier(Interceptor):
    """Puts the headers that a run came with on whatever it starts."""

    def workflow_interceptor_class(
        self,
        input: WorkflowInterceptorClassInput,  # noqa: A002 (the SDK's name)
    ) -> type[WorkflowInboundInterceptor]:
        """The class that wraps workflow execution."""
        return CarrierInbound


class CarrierInbound(WorkflowInboundInterceptor):
    """Wraps what goes out."""

    def init(self, outbound: WorkflowOutboundInterceptor) -> None:
        """Puts the wrapper in between."""
        self.next.init(CarrierOutbound(outbound))


class CarrierOutbound(WorkflowOutboundInterceptor):
    """Adds the headers."""

    async def start_child_workflow(self, input: Any) -> Any:  # noqa: A002
        """As a child's."""
        input.headers = {**input.headers, **workflow.info().headers}
        return await self.next.start_child_workflow(input)

    def continue_as_new(self, input: Any) -> NoReturn:  # noqa: A002
        """As those of the run that it goes on as."""
        input.headers = {**input.headers, **workflow.info().headers}
        self.next.continue_as_new(input)


@workflow.defn(name="Payment")
class ForeignPayment:
    """Somebody else's code that hides behind a name of ours."""

    @workflow.run
    async def run(self, request: dict[str, str]) -> None:
        """Goes on as ours, or asks ours as a child."""
        if request["note"] == "child":
            await workflow.execute_child_workflow(
                "Payment", request, id=f"{workflow.info().workflow_id}/child", task_queue=QUEUE
            )
            return
        workflow.continue_as_new(request, task_queue=QUEUE)


@pytest.mark.parametrize("how", ["child", "continued"])
@pytest.mark.parametrize("carries", ["nothing", "a genuine permit"])
async def test_foreign_code_cannot_start_ours_as_its_own(
    desk: Desk, named: str, how: str, carries: str
) -> None:
    request = Payment(to=named, note=how)
    headers = {}
    if carries != "nothing":
        headers = {HEADER_PERMIT: sign(permit(desk, named, request), ring(desk))}
    client = desk.client
    async with Worker(
        client,
        task_queue=FOREIGN_QUEUE,
        workflows=[ForeignPayment],
        workflow_runner=UnsandboxedWorkflowRunner(),
        interceptors=[Carrier()],
    ):
        with signed(headers):
            await client.start_workflow("Payment", request, id=named, task_queue=FOREIGN_QUEUE)
        expected = "permit.missing" if carries == "nothing" else "permit.other-run"
        assert await refusal(client.get_workflow_handle(named)) == expected
        last = client.get_workflow_handle(named if how == "continued" else f"{named}/child")
        assert (await last.describe()).task_queue == QUEUE
        assert await refusal(last) == expected
    assert PAID[named] == 0


async def test_what_changes_after_the_start_does_not_matter(desk: Desk, named: str) -> None:
    may = WordRules(("u:bob", "workflow:start", "rolling"))
    run = await desk.gate("u:bob", may).start(desk.client, rolling, Rounds(to=named, left=2))
    with pytest.raises(PolicyDenied):
        await desk.gate("u:bob", ANN_MAY_ALL).start(
            desk.client, rolling, Rounds(to=named), workflow_id=f"{named}-2"
        )
    assert await refusal(desk.client.get_workflow_handle(run.id)) is None
    assert PAID[named] == 2


async def test_breaking_the_glass_needs_its_own_rule_and_raises_an_alarm(
    desk: Desk, named: str
) -> None:
    starter = WordRules(("u:bob", "workflow:start", "*"))
    with pytest.raises(PolicyDenied):
        await desk.gate("u:bob", starter).start(
            desk.client, payment, Payment(to=named), break_glass="the file is late"
        )
    admin = WordRules(("u:ada", "workflow:break-glass", "payment"))
    run = await desk.gate("u:ada", admin).start(
        desk.client, payment, Payment(to=named), break_glass="the file is late"
    )
    assert await refusal(run) is None
    alarm = desk.records.of("alarm")[-1]
    assert (alarm["principal"], alarm["reason"]) == ("u:ada", "the file is late")
    assert desk.records.of("permit")[-1]["reason"] == "the file is late"


async def _started_by(client: Client, schedule: ScheduleHandle) -> WorkflowHandle[Any, Any]:
    found: list[Any] = []

    async def is_there() -> None:
        found[:] = (await schedule.describe()).info.recent_actions
        assert found

    await eventually(is_there)
    run = found[0].action
    return client.get_workflow_handle(run.workflow_id, run_id=run.first_execution_run_id)
