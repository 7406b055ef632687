"""What the people at the desk answer when Pricing asks, in the demonstration of a day."""

import asyncio
from datetime import timedelta

from temporalio.client import Client, WorkflowHandle
from temporalio.service import RPCError

from tenuto.artifacts.store import ArtifactStore
from tenuto.catalog.library.tasks.messages import Decide
from tenuto.core.errors import TransientError
from tenuto.packs.finance.demo.day.faults import DAY
from tenuto.packs.finance.demo.day.files import true_price
from tenuto.packs.finance.pricing.checking import APPROVERS
from tenuto.packs.finance.pricing.handoffs import (
    AcceptPrice,
    OpenException,
    OverridePrice,
    Progress,
    UseNextSource,
)
from tenuto.triggers.demo import Stage
from tenuto.triggers.tasks.acting import tell_task
from tenuto.triggers.tasks.reading import read_task

Answer = tuple[str, AcceptPrice | OverridePrice | UseNextSource]
"""The update to send, and its argument."""

_PATIENCE = timedelta(seconds=120)
_PAUSE_S = 0.1


async def answer_exceptions(stage: Stage, nav: WorkflowHandle[object, object]) -> None:
    """Paul answers every exception of the Pricing that `nav` runs; Carla checks what needs two.

    Raises TransientError when Pricing neither asks nor ends for two minutes.
    """
    pricing = await _pricing_of(stage.client, nav)
    if pricing is None:
        return
    paul = stage.gate_of("paul", ())
    asked = await _wait_for_questions(pricing)
    while asked:
        for each in asked:
            update, answer = _answer(each, stage.store)
            stage.say(f"  {_question(each)} -> {_words(update, answer)}")
            await paul.update(stage.client, pricing.id, update, [answer])
        asked = await _open(pricing)
    await _approve(stage, pricing)


async def _approve(stage: Stage, pricing: WorkflowHandle[object, object]) -> None:
    """Carla, who looks at all answers at once, in one task; nothing where none needs her."""
    task_id = await _task_of(pricing)
    if task_id is None:
        return
    task = (await read_task(stage.client, task_id)).task
    carla = stage.gate_of("carla", (APPROVERS,))
    await tell_task(
        stage.client, carla, task_id, Decide(decision="approve", seen=task.request.seen)
    )
    stage.say(f"  {task.request.title} -> approved by Carla")


def _answer(asked: OpenException, store: ArtifactStore) -> Answer:
    """The next vendor where one price is plainly wrong, a price from the screen where none is."""
    exception = asked.exception
    name = exception.instrument_id
    rules = {finding.rule for finding in exception.findings}
    if rules & {"missing", "stale"}:
        price = true_price(name)
        screen = f"{name} closed at {price} USD on {DAY}, read from the exchange's page.\n"
        evidence = store.put_bytes(
            screen.encode(), name=f"screen-{name}.txt", media_type="text/plain"
        )
        return "override", OverridePrice(
            instrument_id=name,
            price=price,
            reason="No vendor sent the day's close.",
            evidence=evidence,
            by="Paul",
            expires_on=DAY,
        )
    if exception.source == "alpha" and rules & {"own-change", "volatility"}:
        reason = "alpha's price jumped, beta's did not."
        return "next_source", UseNextSource(instrument_id=name, by="Paul", reason=reason)
    return "accept", AcceptPrice(
        instrument_id=name, by="Paul", reason="Checked against the exchange."
    )


def _question(asked: OpenException) -> str:
    exception = asked.exception
    rules = ", ".join(sorted(finding.rule for finding in exception.findings))
    return f"{exception.instrument_id} ({rules})"


def _words(update: str, answer: AcceptPrice | OverridePrice | UseNextSource) -> str:
    price = f" {answer.price}" if isinstance(answer, OverridePrice) else ""
    return f"{update.replace('_', ' ')}{price} by {answer.by}"


async def _pricing_of(
    client: Client, nav: WorkflowHandle[object, object]
) -> WorkflowHandle[object, object] | None:
    """The run of Pricing that the NAV started; None when the NAV ended without."""
    async with asyncio.timeout(_PATIENCE.total_seconds()):
        while True:
            described = await nav.describe()
            if described.close_time is not None:
                return None
            for child in described.raw_description.pending_children:
                if child.workflow_type_name == "Pricing":
                    return client.get_workflow_handle(child.workflow_id)
            await asyncio.sleep(_PAUSE_S)


async def _wait_for_questions(pricing: WorkflowHandle[object, object]) -> list[OpenException]:
    try:
        async with asyncio.timeout(_PATIENCE.total_seconds()):
            while True:
                asked = await _open(pricing)
                if asked or (await pricing.describe()).close_time is not None:
                    return asked
                await asyncio.sleep(_PAUSE_S)
    except TimeoutError as late:
        raise TransientError(
            f"Pricing `{pricing.id}` neither asked nor ended within {_PATIENCE}; look at it with "
            f"`tenuto show {pricing.id}`.",
            code="demo.no-questions",
        ) from late


async def _open(pricing: WorkflowHandle[object, object]) -> list[OpenException]:
    try:
        asked: list[OpenException] = await pricing.query(
            "exceptions", result_type=list[OpenException]
        )
    except RPCError:
        return []  # it has just begun, and no worker has taken it yet
    return [each for each in asked if not each.is_answered]


async def _task_of(pricing: WorkflowHandle[object, object]) -> str | None:
    """The task that waits for a second person; None where Pricing goes on without."""
    async with asyncio.timeout(_PATIENCE.total_seconds()):
        while True:
            progress: Progress = await pricing.query("progress", result_type=Progress)
            if progress.task is not None or progress.open == 0:
                return progress.task
            await asyncio.sleep(_PAUSE_S)
