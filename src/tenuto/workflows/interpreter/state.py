"""What a run carries over when it goes on with a fresh history."""

from datetime import datetime

from pydantic import Field, JsonValue

from tenuto.core.records import Record
from tenuto.workflows.interpreter.frames import Frame
from tenuto.workflows.interpreter.inbox import InboxState
from tenuto.workflows.interpreter.own_votes.approvals import ApprovalsState
from tenuto.workflows.interpreter.trace import TraceEntry


class State(Record):
    """Where a run stands between two steps, outside any `fork`."""

    frames: tuple[Frame, ...]
    """Outermost first; empty before the first step."""
    context: JsonValue = None
    started_at: datetime
    """Of the first run of the chain."""
    deadline: datetime | None = None
    """When the run's own timeout is over."""
    inbox: InboxState = Field(default_factory=InboxState)
    approvals: ApprovalsState = Field(default_factory=ApprovalsState)
    """Of a run that voted on approvals itself. Tasks for people need no such memory: a run goes on
    between two steps, when none is open."""
    trace: tuple[TraceEntry, ...] = ()
    calls: dict[str, int] = Field(default_factory=dict)
    """Pointer of a task -> how many activities and children it has had, and the name that people
    know an approval by -> how many tasks it has had: their ids stay unique."""
