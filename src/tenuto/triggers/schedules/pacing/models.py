"""What travels when a run decides when the next one is."""

from typing import Literal

from pydantic import AwareDatetime, Field, JsonValue

from tenuto.core.records import Record


class PacedStart(Record):
    """A run to do, and where its result says when the next one is."""

    version: Literal[1] = 1
    schedule_id: str
    type_name: str
    """Temporal's workflow type."""
    queue: str
    arguments: tuple[JsonValue, ...]
    """As the workflow takes them, in JSON."""
    execution_timeout_s: float | None = None
    found_by: dict[str, str] = Field(default_factory=dict)
    """Search attributes of the run."""
    summary: str = ""
    path: str
    """Where in the result the next moment stands: `plan.next_check`, `dates.0`."""
    at_least_s: float
    at_most_s: float


class PaceStep(Record):
    """The next moment, as a run's result has it."""

    version: Literal[1] = 1
    schedule_id: str
    path: str
    value: JsonValue = None
    """What stands at the path; None where nothing does."""
    ended_at: AwareDatetime
    """When the run ended: what a length of time counts from."""
    at_least_s: float
    at_most_s: float


class Paced(Record):
    """When the next run is."""

    version: Literal[1] = 1
    next_at: AwareDatetime | None
    """None where the schedule is gone, or another one by now."""
    remark: str = ""
    """Why it is not when the result says."""
    is_wrong: bool = False
    """Whether the result named no moment at all."""
