"""A run as its worker sees it when it asks whether the run may begin."""

from typing import Literal

from pydantic import AwareDatetime

from tenuto.core.records import Record
from tenuto.engine.runs.execution import Execution


class Source(Record):
    """The run that another one comes from."""

    how: Literal["child", "continued"]
    """`child`: its root; `continued`: the run of the same id before it."""
    workflow_id: str
    run_id: str


class PermitClaim(Record):
    """A run as its worker sees it, and the permit it came with."""

    text: str | None
    """None where it came without."""
    type_name: str
    namespace: str
    workflow_id: str
    run_id: str
    queue: str
    original_run_id: str
    """The run that a reset one was made from; its own where nobody reset it."""
    first_run_id: str
    started_at: AwareDatetime
    """When the server took the start."""
    content: str | None
    """Hash of the input as it came."""
    scheduled_by: str | None
    """Id of the schedule, as the server says."""
    source: Source | None
    root: Execution | None
    """Of a child: the run that stands at the beginning."""
