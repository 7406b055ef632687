"""The gate: everything that is done to runs passes here, on behalf of one principal."""

import asyncio
import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import timedelta
from functools import partial
from typing import Any, TypeVar

from pydantic import BaseModel, JsonValue
from temporalio.client import Client

from tenuto.catalog.check import check_input
from tenuto.catalog.entries import WorkflowEntry
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
from tenuto.engine.runs.moments import now
from tenuto.identity.keys import KeyFolder
from tenuto.identity.principal import Principal
from tenuto.identity.ticket import HEADER_PERMIT, HEADER_TICKET, NO_POLICY, hash_of
from tenuto.policy.decision import Decision, PolicyEngine, Question, Resource
from tenuto.triggers.definition_schedules import ScheduleChange, apply_schedule
from tenuto.triggers.definition_timetable import Timetable
from tenuto.triggers.definitions import check_run_input, request_of, start_definition
from tenuto.triggers.gate.answers import denied, out_of_scope, rules_of, without_hiding
from tenuto.triggers.gate.approving import Asked, Wish, ask_people, given_approvals
from tenuto.triggers.gate.issuing import Issuer
from tenuto.triggers.gate.new_keys import while_keys_travel
from tenuto.triggers.gate.plan_parts import of_definition
from tenuto.triggers.gate.records import Records, is_read, kind_of, told
from tenuto.triggers.gate.resources import (
    find_resource,
    first_run_of,
    of_definition_run,
    of_schedule,
    of_workflow,
)
from tenuto.triggers.origin import Origin, Starting
from tenuto.triggers.start import Handle, known_id, start

RowT = TypeVar("RowT")


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
        self._keys = keys
        self._issuer = Issuer(principal, keys)

    @property
    def is_on(self) -> bool:
        """Whether rules decide."""
        return self._engine is not None

    async def authorize(
        self,
        action: str,
        resource: Resource,
        context: Mapping[str, JsonValue] | None = None,
        *,
        hides: bool = False,
    ) -> Decision:
        """The decision that allows it, recorded.

        Whoever `hides` what the decision says is not to be shown says so; for anybody else such a
        decision is a denial. Raises PolicyDenied `policy.denied` with the rules that forbid it,
        `policy.needs-approval` or `policy.cannot-redact`, recorded as well, and TransientError
        where the record cannot be kept.
        """
        decision, _ = await self._authorized(action, resource, context, hides=hides)
        return decision

    def record_policy(self) -> None:
        """Puts the text of the rules on its way into the audit trail, once for each digest: what
        they decided is read by it, years later."""
        if self._engine is not None:
            texts: dict[str, JsonValue] = dict(self._engine.texts())
            digest = self._engine.digest
            self._records.append_once("policy", digest, {"digest": digest, "texts": texts})

    def allows(
        self, action: str, resource: Resource, context: Mapping[str, JsonValue] | None = None
    ) -> bool:
        """Whether it would be allowed, unrecorded: for the rows of a list that was authorized,
        which show nothing that rules can hide."""
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
        wish = self._wish_of(entry, request, workflow_id, break_glass)
        origin = await self._origin(client, wish)
        return await start(client, entry, request, workflow_id=workflow_id, origin=origin)

    async def ask(
        self,
        client: Client,
        entry: WorkflowEntry[Any, Any],
        values: dict[str, Any] | BaseModel,
        *,
        workflow_id: str | None = None,
        break_glass: str = "",
    ) -> Asked:
        """Asks people for the approvals that the rules want before this very start; no tasks where
        they want none. Raises PolicyDenied where no approval would help."""
        request = check_input(entry, values)
        named = workflow_id or (None if entry.run_id else f"{entry.name}-{secrets.token_hex(6)}")
        return await self._ask(client, self._wish_of(entry, request, named, break_glass))

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
        wish = self._wish(of_definition_run(plan), _given(plan, value), workflow_id, break_glass)
        origin = await self._origin(client, wish)
        return await start_definition(client, plan, value, workflow_id=workflow_id, origin=origin)

    async def ask_definition(
        self, client: Client, plan: Plan, value: JsonValue, *, workflow_id: str | None = None
    ) -> Asked:
        """Asks people before a start of `plan`, as `ask` does."""
        check_run_input(plan, value)
        head = plan.head
        named = workflow_id or f"{head.namespace}/{head.name}/{secrets.token_hex(6)}"
        wish = self._wish(of_definition_run(plan), _given(plan, value), named)
        return await self._ask(client, wish)

    async def apply_schedule(
        self, client: Client, plan: Plan, timetable: Timetable | None
    ) -> ScheduleChange:
        """Makes or removes a definition's schedule, if `schedule:apply` is allowed; one permit
        stands for all starts of it."""
        allowed = await self._authorized("schedule:apply", of_schedule(plan), None)
        return await apply_schedule(
            client, plan, timetable, origin=self._signing(client, allowed, "")
        )

    async def origin_of_schedule(self, client: Client, schedule: Resource, workflow: str) -> Origin:
        """Who signs all starts of a schedule that starts runs of `workflow`, if `schedule:apply` is
        allowed. Raises as `authorize`."""
        allowed = await self._authorized("schedule:apply", schedule, {"workflow": workflow})
        return self._signing(client, allowed, "")

    def stamp(self) -> str:
        """Which key and which rules sign starts now: with others, a permit that stands for all
        starts of a schedule has to be made anew. Empty where policy is off.

        Raises UsageError `keys.none` where all keys are retired."""
        if self._engine is None:
            return ""
        key = self._keys.open("decisions", now()).active
        return f"key {key.kid}, rules {self._engine.digest[:12]}"

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
        first_run = await first_run_of(client, run)
        resource = await find_resource(client, run)
        is_task = resource.type == "HumanTask"
        decision = await self.authorize(
            f"task:{name}" if is_task else "run:update", resource, None if is_task else _of(name)
        )
        content = message_hash(sent_payloads(client, args))
        send = partial(
            self._send_update,
            client,
            run,
            name,
            args,
            decision,
            content,
            first_run=first_run,
            patience=patience,
        )
        return await while_keys_travel(send)

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
        wish = self._wish(workflow, context.get("input"), None)
        return (await self._origin(client, wish)).sign(starting)

    async def sign_update(
        self, client: Client, run: Resource, name: str, args: Sequence[Any]
    ) -> Mapping[str, str]:
        """Headers of an update that somebody else sends, if `run:update` is allowed."""
        return await self._sign_message(client, "run:update", run, name, args)

    async def sign_signal(
        self, client: Client, run: Resource, name: str, args: Sequence[Any]
    ) -> Mapping[str, str]:
        """Headers of a signal that somebody else sends, if `run:signal` is allowed."""
        return await self._sign_message(client, "run:signal", run, name, args)

    async def authorize_reading(
        self, client: Client, run: Execution | str, *, hides: bool = False
    ) -> Decision:
        """Whether this run (`run:read`) or task (`task:read`) may be looked at; as `authorize`."""
        resource = await find_resource(client, _execution(run))
        return await self.authorize(
            "task:read" if resource.type == "HumanTask" else "run:read", resource, hides=hides
        )

    async def _sign_message(
        self, client: Client, action: str, run: Resource, name: str, args: Sequence[Any]
    ) -> Mapping[str, str]:
        decision = await self.authorize(action, run, _of(name))
        content = message_hash(sent_payloads(client, args))
        _, text = self._issuer.ticket(decision, name=name, run=run.id, content=content)
        return {HEADER_TICKET: text}

    def _wish_of(
        self, entry: WorkflowEntry[Any, Any], request: BaseModel, named: str | None, reason: str
    ) -> Wish:
        return self._wish(
            of_workflow(entry),
            request.model_dump(mode="json"),
            named or known_id(entry, request),
            reason,
        )

    def _wish(
        self, resource: Resource, given: JsonValue, named: str | None, reason: str = ""
    ) -> Wish:
        return Wish(
            principal=self.principal.id,
            action="workflow:break-glass" if reason else "workflow:start",
            resource=resource,
            input=given,
            workflow_id=named,
            reason=reason,
        )

    async def _ask(self, client: Client, wish: Wish) -> Asked:
        question = self._question(wish.action, wish.resource, {"input": wish.input})
        decision = self._decide(question)
        if not decision.needs_approval:
            allowed, _ = await self._authorized(wish.action, wish.resource, question.context)
            return Asked(workflow_id=wish.workflow_id, tasks=(), rules=rules_of(allowed))
        record = await self._record("decision", {**told(question, decision), "asks": True})
        origin = self._signing(client, (decision, record), wish.reason)
        missing = [each for each in decision.obligations if each.kind == "approval"]
        tasks = await ask_people(client, wish, missing, origin)
        return Asked(workflow_id=wish.workflow_id, tasks=tasks, rules=rules_of(decision))

    async def _origin(self, client: Client, wish: Wish) -> Origin:
        context: dict[str, JsonValue] = {"input": wish.input}
        decision = self._decide(self._question(wish.action, wish.resource, context))
        if decision.needs_approval and wish.workflow_id:
            ring = await asyncio.to_thread(self._keys.read, "decisions")
            missing = [each for each in decision.obligations if each.kind == "approval"]
            context["approvals"] = await given_approvals(client, ring, wish, missing)
        allowed = await self._authorized(wish.action, wish.resource, context)
        if wish.reason:
            alarm = {"principal": self.principal.id, "resource": wish.resource.id}
            await self._record("alarm", {**alarm, "reason": wish.reason})
        return self._signing(client, allowed, wish.reason)

    async def _authorized(
        self,
        action: str,
        resource: Resource,
        context: Mapping[str, JsonValue] | None,
        *,
        hides: bool = False,
    ) -> tuple[Decision, str]:
        """The decision that allows it, and the id of its record. Raises as `authorize`."""
        question = self._question(action, resource, context)
        decision = self._decide(question)
        decision = decision if hides else without_hiding(decision)
        record = await self._record(
            kind_of(question, decision), told(question, decision), is_read=is_read(action)
        )
        if not decision.allowed:
            raise denied(question, decision)
        return decision, record

    def _signing(self, client: Client, allowed: tuple[Decision, str], reason: str) -> Origin:
        sign = partial(self._permit, client, allowed, reason)
        return Origin(principal=self.principal.id, sign=sign if self.is_on else _unsigned)

    def _permit(
        self, client: Client, allowed: tuple[Decision, str], reason: str, starting: Starting
    ) -> Mapping[str, str]:
        decision, record = allowed
        permit, text = self._issuer.permit(
            decision,
            type_name=starting.type_name,
            run=starting.workflow_id,
            namespace=client.namespace,
            queue=starting.queue,
            content=input_hash(sent_payloads(client, starting.arguments)),
            schedule=starting.schedule,
            reason=reason,
        )
        # Counted against the runs that the server has: what was permitted must be all there is.
        told_of = {**permit.model_dump(mode="json"), "decision": record}
        self._records.append("permit", told_of)
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
        first_run: str,
        patience: timedelta,
    ) -> Any:
        jti, text = self._issuer.ticket(
            decision, name=name, run=run.workflow_id, content=content, first_run=first_run
        )
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
            return out_of_scope(question, self._engine)
        if self._engine is not None:
            return self._engine.decide(question)
        return Decision(allowed=True, policy=NO_POLICY, question=hash_of([question]))

    async def _record(
        self, kind: str, data: Mapping[str, JsonValue], *, is_read: bool = False
    ) -> str:
        await asyncio.to_thread(self.record_policy)
        return await asyncio.to_thread(self._records.append, kind, data, is_read=is_read)


def _unsigned(starting: Starting) -> Mapping[str, str]:
    return {}


def _given(plan: Plan, value: JsonValue) -> JsonValue:
    given: JsonValue = request_of(plan, value).model_dump(mode="json")
    return given


def _of(name: str) -> dict[str, JsonValue]:
    return {"message": name}


def _execution(run: Execution | str) -> Execution:
    return run if isinstance(run, Execution) else Execution(workflow_id=run)
