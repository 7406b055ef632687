"""A governed task as a definition that is started again and again, by the ordinary road."""

from collections.abc import Sequence
from typing import Any

from tenuto.packs.agents.catalog import governed_task
from tenuto.packs.agents.models import Agent


def as_definition(
    texts: Sequence[str],
    agent: Agent,
    *,
    every: str,
    name: str,
    approvers: Sequence[str],
    environment: str,
) -> dict[str, Any]:
    """The definition: one call of the governed task, every `every` (ISO 8601).

    One that comes due while another waits is left out.
    """
    wanted = {
        "texts": list(texts),
        "agent": agent.model_dump(mode="json", exclude_defaults=True),
        "approvers": list(approvers),
        "environment": environment,
    }
    return {
        "document": {
            "dsl": "1.0.3",
            "namespace": "agents",
            "name": name,
            "version": "1.0.0",
            "metadata": {"temporal": {"schedule": {"overlap": "skip"}}},
        },
        "schedule": {"every": every},
        "do": [{"work": {"call": governed_task.name, "with": wanted}}],
    }
