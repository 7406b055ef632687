"""Statuses of a run, all of them: the SDK's own enum lacks one and raises when it meets it."""

from enum import StrEnum

from temporalio.api.enums.v1 import WorkflowExecutionStatus


class RunStatus(StrEnum):
    """Where a run stands, in the engine's terms."""

    RUNNING = "running"
    PAUSED = "paused"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELED = "canceled"
    TERMINATED = "terminated"
    TIMED_OUT = "timed-out"
    CONTINUED_AS_NEW = "continued-as-new"

    @property
    def is_open(self) -> bool:
        """Whether the run can still do something."""
        return self in (RunStatus.RUNNING, RunStatus.PAUSED)

    @property
    def search_name(self) -> str:
        """The word visibility queries use, for example `TimedOut`."""
        return self.value.title().replace("-", "")

    @classmethod
    def from_search_name(cls, name: str) -> "RunStatus":
        """The status that visibility calls `name`."""
        return next(status for status in cls if status.search_name == name)

    @classmethod
    def from_raw(cls, raw: WorkflowExecutionStatus.ValueType) -> "RunStatus":
        """The status of a protocol value."""
        prefix = "WORKFLOW_EXECUTION_STATUS_"
        name = WorkflowExecutionStatus.Name(raw).removeprefix(prefix)
        return cls(name.lower().replace("_", "-"))
