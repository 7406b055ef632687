"""What expressions know beside their data: `$task`, `$workflow`, `$runtime`."""

from datetime import UTC, datetime, timedelta
from functools import lru_cache

from pydantic import JsonValue

from tenuto.definitions.plan import Plan, TaskBase
from tenuto.workflows.interpreter.host import RunFacts

INTERPRETER = 1
"""Version of the interpreter: of what a plan means. It changes only together with what a replay
of older runs can tell apart."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def runtime_argument() -> JsonValue:
    """`$runtime`. Its version is the interpreter's, the same on every replay of a run."""
    return {"name": "tenuto", "version": str(INTERPRETER), "metadata": {}}


def workflow_argument(plan: Plan, facts: RunFacts, value: JsonValue) -> JsonValue:
    """`$workflow`; `value` is the run's raw input."""
    described: dict[str, JsonValue] = {
        "id": facts.workflow_id,
        "input": value,
        "startedAt": moment(facts.started_at),
    }
    if plan.definition is not None:
        described["definition"] = plan.definition
    return described


def task_argument(task: TaskBase, raw: JsonValue, started_at: datetime) -> dict[str, JsonValue]:
    """`$task`, before it has an output."""
    described: dict[str, JsonValue] = {
        "name": task.name,
        "reference": task.at,
        "input": raw,
        "startedAt": moment(started_at),
    }
    if task.definition is not None:
        described["definition"] = task.definition
    return described


@lru_cache(1024)
def moment(at: datetime) -> JsonValue:
    """A moment as expressions see it: ISO 8601 in UTC, and counted from 1970 in whole units."""
    since = at - _EPOCH
    return {
        "iso8601": at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "epoch": {
            "seconds": since // timedelta(seconds=1),
            "milliseconds": since // timedelta(milliseconds=1),
        },
    }
