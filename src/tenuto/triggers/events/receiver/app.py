"""The receiver as an ASGI application: to be served alone, or mounted in a larger one."""

import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from temporalio.client import Client

from tenuto.core.errors import TenutoError
from tenuto.engine.runs.calls import refusals
from tenuto.engine.runs.moments import now
from tenuto.triggers.events.model import Proof, Triggers
from tenuto.triggers.events.receiver.answers import problem, refused, told
from tenuto.triggers.events.receiver.body import bounded_body
from tenuto.triggers.events.receiver.gates import Gates
from tenuto.triggers.events.receiver.limits import Limits
from tenuto.triggers.events.receiver.media import refuse_media_type
from tenuto.triggers.events.receiver.nearby import refuse_strangers
from tenuto.triggers.events.receiver.rates import Rates
from tenuto.triggers.events.receiver.taking import Taken, take_events, take_webhook
from tenuto.triggers.events.starting import Outcome
from tenuto.triggers.events.targets import Targets
from tenuto.triggers.events.webhooks.proving import Prover, open_prover

logger = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True, slots=True)
class Inlet:
    """One path that is received on."""

    section: str
    name: str
    path: str
    prover: Prover
    take: Callable[[Taken], Awaitable[list[Outcome]]]

    @property
    def proof(self) -> Proof:
        """What is accepted."""
        return self.prover.proof

    @property
    def label(self) -> str:
        """What logs and rates call it."""
        return f"{self.section}/{self.name}"


class Receiver:
    """Takes deliveries, and starts what they ask for."""

    def __init__(
        self,
        client: Client,
        triggers: Triggers,
        targets: Targets,
        gates: Gates,
        limits: Limits = Limits(),  # noqa: B008 (it never changes)
    ) -> None:
        self.gates = gates
        self._limits = limits
        self.is_draining = False
        self._client = client
        self._at_once = 0
        self.inlets = [
            *(
                self._webhook(name, path, triggers, targets)
                for path, section, name in triggers.paths()
                if section == "webhooks"
            ),
            *(
                self._events(name, path, triggers, targets)
                for path, section, name in triggers.paths()
                if section == "events"
            ),
        ]
        self._rates = Rates(
            {each.label: each.proof.rate for each in self.inlets if each.proof.rate is not None}
        )

    async def receive(self, inlet: Inlet, request: Request) -> Response:
        """The answer to one delivery; logged without a word of its body."""
        began = time.monotonic()
        if self._at_once >= self._limits.at_once:
            answer: Response = _busy()
        else:
            self._at_once += 1
            try:
                answer = await self._answer(inlet, request)
            finally:
                self._at_once -= 1
        facts = {"trigger": inlet.label, "status": answer.status_code}
        logger.info("delivery", extra={**facts, "ms": round(1000 * (time.monotonic() - began), 1)})
        return answer

    async def ready(self, _: Request) -> Response:
        """200 while deliveries can be taken: the engine answers, and nobody asked to stop."""
        if self.is_draining:
            return problem(503, "triggers.draining", "The receiver stops.")
        try:
            with refusals("this namespace"):
                await self._client.service_client.check_health()
        except (TenutoError, RuntimeError) as error:
            logger.warning("not_ready", extra={"problem": str(error)})
            return problem(503, "triggers.no-engine", "The engine does not answer.")
        return JSONResponse({"status": "ready"})

    async def _answer(self, inlet: Inlet, request: Request) -> Response:
        try:
            refuse_strangers(inlet.proof, request)
            refuse_media_type(inlet.section, request)
            body = await bounded_body(request, inlet.proof.max_bytes, self._limits.body_s)
            headers = _headers(request)
            taken = Taken(
                body=body, headers=headers, event_id=inlet.prover.event_id(body, headers, now())
            )
            # After the signature: nobody else can use up what a sender may send.
            wait_s = await self._rates.wait_s(inlet.label)
            if wait_s:
                return _too_many(inlet, wait_s)
            return told(await inlet.take(taken))
        except TenutoError as error:
            answer = refused(error)
            facts = {"trigger": inlet.label, "status": answer.status_code, "code": error.code}
            logger.warning("delivery_refused", extra={**facts, "problem": _brief(error)})
            return answer

    def _webhook(self, name: str, path: str, triggers: Triggers, targets: Targets) -> Inlet:
        hook = triggers.webhooks[name]

        async def take(taken: Taken) -> list[Outcome]:
            gate = self.gates.of("webhook", name)
            return await take_webhook(taken, hook, name, targets, gate, self._client)

        prover = open_prover(hook, name)
        return Inlet(section="webhooks", name=name, path=path, prover=prover, take=take)

    def _events(self, name: str, path: str, triggers: Triggers, targets: Targets) -> Inlet:
        source = triggers.events[name]

        async def take(taken: Taken) -> list[Outcome]:
            gate = self.gates.of("event", name)
            return await take_events(taken, source, name, targets, gate, self._client)

        prover = open_prover(source, name)
        return Inlet(section="events", name=name, path=path, prover=prover, take=take)


def receiver_app(receiver: Receiver) -> Starlette:
    """The application: one POST route per trigger, `/healthz`, and `/readyz`."""
    return Starlette(
        routes=[
            *(
                Route(each.path, _endpoint(receiver, each), methods=["POST"])
                for each in receiver.inlets
            ),
            Route("/healthz", _healthy, methods=["GET"]),
            Route("/readyz", receiver.ready, methods=["GET"]),
        ],
        exception_handlers={404: _unknown, 405: _wrong_method, Exception: _crashed},
    )


def _endpoint(receiver: Receiver, inlet: Inlet) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        return await receiver.receive(inlet, request)

    return endpoint


def _headers(request: Request) -> Mapping[str, str]:
    """Names in lower case -> text; of a header given twice nothing, since no two readers agree."""
    names = [name for name, _ in request.headers.items()]
    return {name: value for name, value in request.headers.items() if names.count(name) == 1}


def _brief(error: TenutoError) -> str:
    """The first line: what follows may repeat values that were sent."""
    return error.message.partition("\n")[0][:300]


def _busy() -> Response:
    return problem(503, "triggers.busy", "Too much at once. Send it again.", {"retry-after": "1"})


def _too_many(inlet: Inlet, wait_s: int) -> Response:
    rate = inlet.proof.rate
    logger.warning("delivery_refused", extra={"trigger": inlet.label, "code": "triggers.rate"})
    message = f"More than {rate.count if rate else 0} in {rate.per if rate else 0}. Send it later."
    return problem(429, "triggers.rate", message, {"retry-after": str(wait_s)})


async def _healthy(_: Request) -> Response:
    return JSONResponse({"status": "alive"})


async def _unknown(_: Request, error: Exception) -> Response:
    return problem(404, "triggers.unknown-path", "Nothing is received here.")


async def _wrong_method(_: Request, error: Exception) -> Response:
    return problem(405, "triggers.wrong-method", "Send a POST.", {"allow": "POST"})


async def _crashed(_: Request, error: Exception) -> Response:
    return problem(500, "triggers.crashed", "It could not be done. Send it again later.")
