"""The gate: everything that is done to runs passes here, on behalf of one principal."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import timedelta
from functools import partial
from typing import Any, TypeVar

from pydantic import BaseModel, JsonValue
from temporalio.client import Client

from tenuto.catalog.check import check_input
from tenuto.catalog.entries import WorkflowEntry
from tenuto.core.errors import PolicyDenied, TenutoError
from tenuto.definitions.plan import Plan
from tenuto.engine.content import input_hash, message_hash, sent_payloads
from tenuto.engine.headers import signed
from tenuto.engine.runs.actions import (
    cancel_run,
    query_run,
    signal_run,
    terminate_run,
    update_run,
)
from tenuto.engine.runs.calls import PATIENCE
from tenuto.engine.runs.execution import Execution
from tenuto.identity.keys import KeyFolder
from tenuto.identity.principal import Principal
from tenuto.identity.ticket import HEADER_PERMIT, HEADER_TICKET, NO_POLICY, hash_of
from tenuto.policy.decision import Decision, PolicyEngine, Question, Reason, Resource
from tenuto.triggers.definition_schedules import ScheduleChange, apply_schedule
from tenuto.triggers.definition_timetable import Timetable
from tenuto.triggers.definitions import check_run_input, request_of, start_definition
from tenuto.triggers.gate.issuing import Issuer
from tenuto.triggers.gate.plan_parts import of_definition
from tenuto.triggers.gate.records import Records, is_read, kind_of, told
from tenuto.triggers.gate.resources import (
    find_resource,
    of_definition_run,
    of_schedule,
    of_workflow,
)
from tenuto.triggers.origin import Origin, Starting
from tenuto.triggers.start import Handle, start

RowT = TypeVar("RowT")

KEY_PATIENCE_S = 8.0
"""Workers look for new keys every two seconds; for so long a key they do not know is no refusal."""
_BETWEEN_KEYS_S = 0.5
_KEYS_ARE_COMING = ("ticket.unknown-key", "ticket.no-keys")


class Gate:
    """Asks policy for `principal`, records every answer, and signs what was allowed.

    Without an `engine` policy is off: everything is allowed and recorded, messages are signed and
    starts are not. Whatever cannot be recorded is not done.
    """

    def __init__(
        self,
        principal: Principal,
        engine: PolicyEngine | None,
        keys: KeyFolder,
        records: Records,
    ) -> None:
        self.principal = principal
        self._engine = engine
        self._records = records
        self._issuer = Issuer(principal, keys)

    @property
    def is_on(self) -> bool:
        """Whether rules decide."""
        return self._engine is not None

    async def authorize(
        self, action: str, resource: Resource, context: Mapping[str, JsonValue] | None = None
    ) -> Decision:
        """The decision that allows it, recorded.

        Raises PolicyDenied `policy.denied` with the rules that forbid it, recorded as well, and
        TransientError where the record cannot be kept.
        """
        question = self._question(action, resource, context)
        decision = self._decide(question)
        await self._record(
            kind_of(question, decision), told(question, decision), is_read=is_read(action)
        )
        if not decision.allowed:
            raise _denied(question, decision)
        return decision

    def allows(
        self, action: str, resource: Resource, context: Mapping[str, JsonValue] | None = None
    ) -> bool:
        """Whether it would be allowed, unrecorded: for the rows of a list that was authorized."""
        return self._decide(self._question(action, resource, context)).allowed

    async def readable(
        self, action: str, rows: Iterable[RowT], resource_of: Callable[[RowT], Resource]
    ) -> list[RowT]:
        """The rows of a list that may be seen, in their order; one record tells of the list."""
        asked = list(rows)
        seen = [row for row in asked if self.allows(action, resource_of(row))]
        listed: dict[str, JsonValue] = {
            "principal": self.principal.id,
            "action": action,
            "rows": len(seen),
            "hidden": len(asked) - len(seen),
        }
        await self._record("access", listed, is_read=True)
        return seen

    async def start(
        self,
        client: Client,
        entry: WorkflowEntry[Any, Any],
        values: dict[str, Any] | BaseModel,
        *,
        workflow_id: str | None = None,
        break_glass: str = "",
    ) -> Handle:
        """Starts a run of `entry` as `tenuto.triggers.start.start` does, if `workflow:start` is
        allowed with this input; with a reason to `break_glass`, if `workflow:break-glass` is.
        """
        request = check_input(entry, values)
        context: dict[str, JsonValue] = {"input": request.model_dump(mode="json")}
        origin = await self._origin(client, of_workflow(entry), context, break_glass)
        return await start(client, entry, request, workflow_id=workflow_id, origin=origin)

    async def start_definition(
        self,
        client: Client,
        plan: Plan,
        value: JsonValue,
        *,
        workflow_id: str | None = None,
        is_deployed: bool = False,
        break_glass: str = "",
    ) -> Handle:
        """Starts a run of `plan` as `tenuto.triggers.definitions.start_definition` does; asks as
        `start` does.

        What was not deployed was not judged yet: whoever starts it has to be allowed to deploy it.
        """
        check_run_input(plan, value)
        if not is_deployed:
            await self.authorize("definition:deploy", of_definition(plan))
        request = request_of(plan, value).model_dump(mode="json")
        origin = await self._origin(
            client, of_definition_run(plan), {"input": request}, break_glass
        )
        return await start_definition(client, plan, value, workflow_id=workflow_id, origin=origin)

    async def apply_schedule(
        self, client: Client, plan: Plan, timetable: Timetable | None
    ) -> ScheduleChange:
        """Makes or removes a definition's schedule, if `schedule:apply` is allowed; one permit
        stands for all starts of it."""
        decision = await self.authorize("schedule:apply", of_schedule(plan))
        return await apply_schedule(
            client, plan, timetable, origin=self._signing(client, decision, "")
        )

    async def update(
        self,
        client: Client,
        run: Execution | str,
        name: str,
        args: Sequence[Any] = (),
        *,
        patience: timedelta = PATIENCE,
    ) -> Any:
        """The answer of update `name`, if `run:update` is allowed, or `task:<name>` for a task.

        Sent with a ticket, whether policy is on or off. Raises as `update_run` does.
        """
        run = _execution(run)
        resource = await find_resource(client, run)
        is_task = resource.type == "HumanTask"
        decision = await self.authorize(
            f"task:{name}" if is_task else "run:update", resource, None if is_task else _of(name)
        )
        content = message_hash(sent_payloads(client, args))
        send = partial(
            self._send_update, client, run, name, args, decision, content, patience=patience
        )
        return await _while_keys_travel(send)

    async def signal(
        self,
        client: Client,
        run: Execution | str,
        name: str,
        args: Sequence[Any] = (),
        *,
        is_checked: bool = True,
    ) -> None:
        """Sends a signal, if `run:signal` is allowed. Raises as `signal_run` does."""
        run = _execution(run)
        decision = await self.authorize("run:signal", await find_resource(client, run), _of(name))
        content = message_hash(sent_payloads(client, args))
        _, text = self._issuer.ticket(decision, name=name, run=run.workflow_id, content=content)
        with signed({HEADER_TICKET: text}):
            await signal_run(client, run, name, args, is_checked=is_checked)

    async def query(
        self, client: Client, run: Execution | str, name: str, args: Sequence[Any] = ()
    ) -> Any:
        """The answer of a query, if the run or the task may be read. Raises as `query_run` does."""
        run = _execution(run)
        await self.authorize_reading(client, run)
        return await query_run(client, run, name, args)

    async def cancel(self, client: Client, run: Execution | str) -> None:
        """Asks a run to stop, if `run:cancel` is allowed. Raises as `cancel_run` does."""
        run = _execution(run)
        await self.authorize("run:cancel", await find_resource(client, run))
        await cancel_run(client, run)

    async def terminate(self, client: Client, run: Execution | str, reason: str) -> None:
        """Ends a run, if `run:terminate` is allowed. Raises as `terminate_run` does."""
        run = _execution(run)
        await self.authorize("run:terminate", await find_resource(client, run))
        await terminate_run(client, run, reason)

    async def sign_start(
        self,
        client: Client,
        workflow: Resource,
        context: Mapping[str, JsonValue],
        starting: Starting,
    ) -> Mapping[str, str]:
        """Headers of a start that somebody else sends, if `workflow:start` is allowed."""
        origin = await self._origin(client, workflow, context, "")
        return origin.sign(starting)

    async def sign_update(
        self, client: Client, run: Resource, name: str, args: Sequence[Any]
    ) -> Mapping[str, str]:
        """Headers of an update that somebody else sends, if `run:update` is allowed."""
        decision = await self.authorize("run:update", run, _of(name))
        content = message_hash(sent_payloads(client, args))
        _, text = self._issuer.ticket(decision, name=name, run=run.id, content=content)
        return {HEADER_TICKET: text}

    async def authorize_reading(self, client: Client, run: Execution | str) -> Decision:
        """Whether this run (`run:read`) or task (`task:read`) may be looked at."""
        resource = await find_resource(client, _execution(run))
        return await self.authorize(
            "task:read" if resource.type == "HumanTask" else "run:read", resource
        )

    async def _origin(
        self, client: Client, resource: Resource, context: Mapping[str, JsonValue], reason: str
    ) -> Origin:
        action = "workflow:break-glass" if reason else "workflow:start"
        decision = await self.authorize(action, resource, context)
        if reason:
            alarm = {"principal": self.principal.id, "resource": resource.id, "reason": reason}
            await self._record("alarm", alarm)
        return self._signing(client, decision, reason)

    def _signing(self, client: Client, decision: Decision, reason: str) -> Origin:
        sign = partial(self._permit, client, decision, reason)
        return Origin(principal=self.principal.id, sign=sign if self.is_on else _unsigned)

    def _permit(
        self, client: Client, decision: Decision, reason: str, starting: Starting
    ) -> Mapping[str, str]:
        permit, text = self._issuer.permit(
            decision,
            type_name=starting.type_name,
            run=starting.workflow_id,
            queue=starting.queue,
            content=input_hash(sent_payloads(client, starting.arguments)),
            schedule=starting.schedule,
            reason=reason,
        )
        # Counted against the runs that the server has: what was permitted must be all there is.
        self._records.append("permit", permit.model_dump(mode="json"))
        return {HEADER_PERMIT: text}

    async def _send_update(
        self,
        client: Client,
        run: Execution,
        name: str,
        args: Sequence[Any],
        decision: Decision,
        content: str,
        *,
        patience: timedelta,
    ) -> Any:
        jti, text = self._issuer.ticket(decision, name=name, run=run.workflow_id, content=content)
        with signed({HEADER_TICKET: text}):
            return await update_run(client, run, name, args, update_id=jti, patience=patience)

    def _question(
        self, action: str, resource: Resource, context: Mapping[str, JsonValue] | None
    ) -> Question:
        return Question(
            principal=self.principal, action=action, resource=resource, context=dict(context or {})
        )

    def _decide(self, question: Question) -> Decision:
        if not question.principal.is_in_scope(question.action):
            return _out_of_scope(question, self._engine)
        if self._engine is not None:
            return self._engine.decide(question)
        return Decision(allowed=True, policy=NO_POLICY, question=hash_of([question]))

    async def _record(
        self, kind: str, data: Mapping[str, JsonValue], *, is_read: bool = False
    ) -> None:
        await asyncio.to_thread(self._records.append, kind, data, is_read=is_read)


async def _while_keys_travel(send: Any) -> Any:
    """What `send` returns; sent again while the worker does not know a key that is quite new."""
    for _ in range(int(KEY_PATIENCE_S / _BETWEEN_KEYS_S)):
        try:
            return await send()
        except TenutoError as refused:
            if refused.code not in _KEYS_ARE_COMING:
                raise
        await asyncio.sleep(_BETWEEN_KEYS_S)
    return await send()


def _unsigned(starting: Starting) -> Mapping[str, str]:
    return {}


def _of(name: str) -> dict[str, JsonValue]:
    return {"message": name}


def _execution(run: Execution | str) -> Execution:
    return run if isinstance(run, Execution) else Execution(workflow_id=run)


def _out_of_scope(question: Question, engine: PolicyEngine | None) -> Decision:
    scope = ", ".join(f"`{each}`" for each in question.principal.authentication.scope)
    return Decision(
        allowed=False,
        reasons=(Reason(rule="token-scope", effect="forbid", text=f"the token is for {scope}"),),
        policy=engine.digest if engine else NO_POLICY,
        question=hash_of([question]),
    )


def _denied(question: Question, decision: Decision) -> PolicyDenied:
    who, what = question.principal.id, question.resource
    return PolicyDenied(
        f"`{who}` may not do `{question.action}` on {what.type} `{what.id}`: {decision.sentence()}."
        f" `tenuto policy explain` tells more; whoever keeps the rules can change them.",
        code="policy.denied",
        details={
            "action": question.action,
            "resource": f"{what.type}:{what.id}",
            "rules": [reason.rule for reason in decision.reasons],
        },
    )
