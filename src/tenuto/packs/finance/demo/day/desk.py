"""What the people at the desk answer when Pricing asks, in the demonstration of a day."""

import asyncio
from collections.abc import Callable
from datetime import timedelta

from temporalio.client import Client, WorkflowHandle
from temporalio.service import RPCError

from tenuto.artifacts.store import ArtifactStore
from tenuto.core.errors import TransientError
from tenuto.packs.finance.demo.day.faults import DAY
from tenuto.packs.finance.demo.day.files import true_price
from tenuto.packs.finance.pricing.handoffs import (
    AcceptPrice,
    OpenException,
    OverridePrice,
    UseNextSource,
)

Answer = tuple[str, AcceptPrice | OverridePrice | UseNextSource]
"""The update to send, and its argument."""

_PATIENCE = timedelta(seconds=120)
_PAUSE_S = 0.1


async def answer_exceptions(
    client: Client,
    nav: WorkflowHandle[object, object],
    store: ArtifactStore,
    say: Callable[[str], None],
) -> None:
    """Answers every exception of the Pricing that `nav` runs, until none is open.

    Raises TransientError when Pricing neither asks nor ends for two minutes.
    """
    pricing = await _pricing_of(client, nav)
    if pricing is None:
        return
    asked = await _wait_for_questions(pricing)
    while asked:
        for each in asked:
            update, answer = _answer(each, store)
            say(f"  {_question(each)} -> {_words(update, answer)}")
            await pricing.execute_update(update, answer)
        asked = await _open(pricing)


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
            approver="Carla",
            expires_on=DAY,
        )
    if exception.source == "alpha" and rules & {"own-change", "volatility"}:
        reason = "alpha's price jumped, beta's did not."
        return "next_source", UseNextSource(instrument_id=name, by="Paul", reason=reason)
    return "accept", AcceptPrice(
        instrument_id=name, by="Paul", approver="Carla", reason="Checked against the exchange."
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
    return asked
