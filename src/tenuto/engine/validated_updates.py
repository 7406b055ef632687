"""Every update has a validator, so that the guards in front of it are asked.

The SDK calls interceptors before an update is accepted only where the update has a validator of its
own. Without one a message that nobody may send would be accepted, and arguments that do not fit
would stop the run for good.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from temporalio.worker import WorkflowInboundInterceptor


class _Validated(dict[str | None, Any]):
    """Update definitions by name, each with a validator."""

    def get(self, name: str | None, default: Any = None) -> Any:
        found = super().get(name, default)
        if found is None or found.validator is not None:
            return found
        return replace(found, validator=_take_method if found.is_method else _take)


def validate_every_update(next_inbound: WorkflowInboundInterceptor) -> None:
    """Gives the run behind this chain of interceptors a validator for each of its updates, those
    included that it adds later. Changes nothing on replay, where no validator runs."""
    innermost: Any = next_inbound
    while hasattr(innermost, "next"):
        innermost = innermost.next
    updates: Mapping[str | None, Any] = innermost._instance._updates
    innermost._instance._updates = _Validated(updates)


def _take(*arguments: Any) -> None:
    """Whatever the guards let pass."""


def _take_method(workflow: Any, *arguments: Any) -> None:
    """Whatever the guards let pass."""
