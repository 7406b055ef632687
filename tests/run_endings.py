"""How a run of any pack ended, and what it left bound in the store."""

from typing import Any

import pytest
from temporalio.client import WorkflowFailureError, WorkflowUpdateFailedError
from temporalio.exceptions import ApplicationError, CancelledError

from tenuto.artifacts.store import ArtifactStore
from tenuto.triggers.start import Handle


def names_of(store: ArtifactStore, run_id: str) -> list[str]:
    """What is bound under a run's id."""
    return [name.removeprefix(f"{run_id}/") for name, _ in store.names(f"{run_id}/")]


async def failure_of(handle: Handle) -> ApplicationError:
    """The error a run ended with."""
    with pytest.raises(WorkflowFailureError) as failed:
        await handle.result()
    cause = failed.value.cause
    assert isinstance(cause, ApplicationError)
    return cause


async def refusal_of(update: Any) -> ApplicationError:
    """The error an update was refused with."""
    with pytest.raises(WorkflowUpdateFailedError) as refused:
        await update
    cause = refused.value.cause
    assert isinstance(cause, ApplicationError)
    return cause


async def ended_cancelled(handle: Handle) -> None:
    """Waits until the run has ended as cancelled, not as failed."""
    with pytest.raises(WorkflowFailureError) as ended:
        await handle.result()
    assert isinstance(ended.value.cause, CancelledError)
