"""OPS-18: the validate area of the activity library, called by a workflow on the real engine."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import date
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
import pytest_asyncio
from temporalio.client import Client, WorkflowFailureError

from sample.validated_table import ValidatedPositions, ValidatePositions, ValidatePositionsRequest
from tenuto.activities.validate.pack import pack
from tenuto.artifacts.current import use_store
from tenuto.artifacts.store import ArtifactStore, open_store
from tenuto.catalog.describe import describe_workflow
from tenuto.core.references import Document
from tenuto.engine.registration import load_registration
from tenuto.engine.runs.describe import describe_run
from tenuto.engine.runs.execution import Execution
from tenuto.engine.runs.history import read_history
from tenuto.engine.settings import WorkerSettings
from tenuto.engine.worker import build_workers
from tenuto.triggers.start import start

MODULE = "sample.validated_table"
AS_OF = date(2026, 3, 30)

RULES = b"""
version: 1
parameters:
  as_of: date
rules:
  - id: not-from-tomorrow
    description: No price is from the future.
    check: priced_on <= $as_of
    message: "{isin} is priced on {priced_on}"
    remedy: ask the pricing desk
  - id: long-only
    description: The fund holds no short positions.
    check: weight >= 0
    message: "{isin} weighs {weight}"
    remedy: ask the portfolio manager
"""

POSITIONS = pl.DataFrame(
    {
        "isin": ["US0378331005", "US0378331006", "GB0002634946", "US5949181045", "DE0007164600"],
        "issuer": ["APPLE", "APPLE", "BAE", "MICROSOFT", "SAP"],
        "priced_on": [AS_OF, AS_OF, date(2026, 3, 26), date(2026, 3, 27), AS_OF],
        "weight": [Decimal(each) for each in ("0.04", "0.04", "0.04", "-0.01", "0.11")],
    },
    schema_overrides={"weight": pl.Decimal(38, 10)},
)


@pytest.fixture
def store(tmp_path: Path) -> ArtifactStore:
    """The store of the worker."""
    return open_store(str(tmp_path / "artifacts"))


@pytest_asyncio.fixture
async def desk(client: Client, store: ArtifactStore) -> AsyncIterator[None]:
    """Workers of the pack and of the workflow that calls it."""
    use_store(store)
    registration = load_registration([pack], [MODULE], "validated")
    workers = build_workers(client, registration, WorkerSettings(), is_embedded=True)
    async with AsyncExitStack() as stack:
        for worker in workers:
            await stack.enter_async_context(worker)
        yield
    use_store(None)


def request(store: ArtifactStore, **fields: str) -> ValidatePositionsRequest:
    rules: Document = store.put_bytes(RULES, name="desk.yaml", media_type="application/yaml")
    table = store.put_table(POSITIONS, name="positions")
    return ValidatePositionsRequest(
        table=table,
        rules=rules,
        as_of=AS_OF,
        **fields,
    )


@pytest.mark.usefixtures("desk")
async def test_ops_18_a_workflow_goes_on_with_what_is_good(
    client: Client, store: ArtifactStore
) -> None:
    handle = await start(
        client, describe_workflow(ValidatePositions, "validated"), request(store).model_dump()
    )
    found = ValidatedPositions.model_validate(await handle.result())
    aside = {
        step.quarantined.name: store.get_table(step.quarantined)["isin"].to_list()
        for step in (found.schema_step, found.quality, found.rules, found.limits)
        if step.quarantined is not None
    }
    assert list(aside.values()) == [
        ["US0378331006"],
        ["GB0002634946"],
        ["US5949181045"],
        ["DE0007164600"],
    ]
    assert store.get_table(found.limits.good)["isin"].to_list() == ["US0378331005"]
    breached = found.limits.results[0]
    assert (breached.group, breached.breach, breached.headroom) == (
        "SAP",
        "active",
        Decimal("-0.01"),
    )


@pytest.mark.usefixtures("desk")
async def test_ops_18_a_refusal_ends_the_step_at_its_first_attempt(
    client: Client, store: ArtifactStore
) -> None:
    asked = request(store, on_block="fail").model_dump()
    handle = await start(client, describe_workflow(ValidatePositions, "validated"), asked)
    with pytest.raises(WorkflowFailureError):
        await handle.result()
    run = Execution(workflow_id=handle.id)
    described = await describe_run(client, run)
    assert described.failure is not None
    assert described.failure.line.startswith("DataError (validate.blocked): Table `positions`")
    assert "row 2 isin=US0378331006" in described.failure.line
    (step,) = (await read_history(client, run)).steps
    assert step.attempt == 1
