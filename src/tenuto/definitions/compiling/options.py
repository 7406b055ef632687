"""How the engine runs an activity: the catalog's defaults, changed by `metadata.temporal`."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from pydantic import JsonValue

from tenuto.catalog.entries import DEFAULT_RETRY, ActivityEntry
from tenuto.core.errors import UsageError
from tenuto.definitions.compiling.durations import seconds
from tenuto.definitions.compiling.shape import (
    items,
    number,
    optional_mapping,
    optional_text,
    text,
    whole_number,
)
from tenuto.definitions.plan import CallOptions, ServerRetry

if TYPE_CHECKING:
    from temporalio.common import RetryPolicy

FOREIGN_START_TO_CLOSE_S = 300.0
"""Of an activity that no catalog entry describes, unless the task says otherwise."""

_LIMITS = {
    "startToClose": "start_to_close_s",
    "scheduleToClose": "schedule_to_close_s",
    "scheduleToStart": "schedule_to_start_s",
    "heartbeat": "heartbeat_s",
}


def temporal_metadata(body: dict[str, JsonValue], at: str) -> dict[str, JsonValue]:
    """`metadata.temporal` of a task; empty where there is none."""
    metadata = optional_mapping(body.get("metadata"), f"{at}/metadata")
    return optional_mapping(metadata.get("temporal"), f"{at}/metadata/temporal")


def entry_options(
    entry: ActivityEntry[Any, Any], changes: dict[str, JsonValue], at: str
) -> CallOptions:
    """The options of a catalog entry with the task's changes."""
    options = CallOptions(
        queue=entry.queue,
        start_to_close_s=_seconds(entry.start_to_close),
        schedule_to_close_s=_seconds(entry.schedule_to_close),
        schedule_to_start_s=_seconds(entry.schedule_to_start),
        heartbeat_s=_seconds(entry.heartbeat),
        retry=_server_retry(entry.retry),
        is_local=entry.is_local,
        spreads_fields=tuple(entry.request.model_fields) if entry.spreads_fields else None,
    )
    return _changed(options, changes, at)


def foreign_options(changes: dict[str, JsonValue], at: str) -> CallOptions:
    """The options of an activity that the catalog does not have, in any language.

    Raises UsageError `definition.no-task-queue` when the task does not say where it runs.
    """
    if "taskQueue" not in changes:
        raise UsageError(
            f"`{at}` calls an activity that is not in the catalog and does not say which task"
            " queue its workers poll; add `taskQueue` to `metadata.temporal`.",
            code="definition.no-task-queue",
            details={"path": at},
        )
    options = CallOptions(
        queue=text(changes["taskQueue"], f"{at}/metadata/temporal/taskQueue"),
        start_to_close_s=None if "scheduleToClose" in changes else FOREIGN_START_TO_CLOSE_S,
        retry=_server_retry(DEFAULT_RETRY),
    )
    return _changed(options, changes, at)


def _changed(options: CallOptions, changes: dict[str, JsonValue], at: str) -> CallOptions:
    at = f"{at}/metadata/temporal"
    changed: dict[str, object] = {
        field: seconds(changes[key], f"{at}/{key}")
        for key, field in _LIMITS.items()
        if key in changes
    }
    if "taskQueue" in changes:
        changed["queue"] = text(changes["taskQueue"], f"{at}/taskQueue")
    if "retry" in changes:
        written = optional_mapping(changes["retry"], f"{at}/retry")
        changed["retry"] = _changed_retry(options.retry, written, f"{at}/retry")
    if "priority" in changes:
        changed["priority"] = whole_number(changes["priority"], f"{at}/priority")
    if "local" in changes:
        changed["is_local"] = changes["local"] is True
    if "summary" in changes:
        changed["summary"] = optional_text(changes["summary"], f"{at}/summary")
    return options.model_copy(update=changed)


def _changed_retry(
    retry: ServerRetry | None, written: dict[str, JsonValue], at: str
) -> ServerRetry:
    changed: dict[str, object] = {}
    if "initialInterval" in written:
        changed["initial_s"] = seconds(written["initialInterval"], f"{at}/initialInterval")
    if "maximumInterval" in written:
        changed["maximum_s"] = seconds(written["maximumInterval"], f"{at}/maximumInterval")
    if "maximumAttempts" in written:
        changed["attempts"] = whole_number(written["maximumAttempts"], f"{at}/maximumAttempts")
    if "backoffCoefficient" in written:
        changed["backoff"] = number(written["backoffCoefficient"], f"{at}/backoffCoefficient")
    if "nonRetryableErrorTypes" in written:
        where = f"{at}/nonRetryableErrorTypes"
        names = items(written["nonRetryableErrorTypes"], where)
        changed["non_retryable"] = tuple(text(name, where) for name in names)
    return (retry or _server_retry(DEFAULT_RETRY)).model_copy(update=changed)


def _server_retry(policy: "RetryPolicy") -> ServerRetry:
    return ServerRetry(
        initial_s=policy.initial_interval.total_seconds(),
        backoff=policy.backoff_coefficient,
        maximum_s=_seconds(policy.maximum_interval),
        attempts=policy.maximum_attempts,
        non_retryable=tuple(policy.non_retryable_error_types or ()),
    )


def _seconds(span: timedelta | None) -> float | None:
    return None if span is None else span.total_seconds()
