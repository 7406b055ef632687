"""What all strands of one run share."""

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import JsonValue

from tenuto.workflows.interpreter.guards import Pace
from tenuto.workflows.interpreter.host import Host
from tenuto.workflows.interpreter.inbox import Inbox
from tenuto.workflows.interpreter.own_votes.approvals import Approvals
from tenuto.workflows.interpreter.pending import Pending
from tenuto.workflows.interpreter.questions import Questions
from tenuto.workflows.interpreter.schemas import Schemas
from tenuto.workflows.interpreter.trace import Trace


@dataclass(frozen=True, kw_only=True)
class World:
    """The world outside, and what the run remembers of itself."""

    host: Host
    inbox: Inbox
    questions: Questions
    approvals: Approvals
    trace: Trace
    pending: Pending
    pace: Pace
    schemas: Schemas
    arguments: Mapping[str, JsonValue]
    """`$workflow` and `$runtime`."""
