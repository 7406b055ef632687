"""What a worker says while it runs: one record per line, led by an event name.

A record's message is its event (`workers_started`), its `extra` the facts. The SDK's own
records are given event names here.
"""

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Any

from tenuto.cli.sdk_logs import forward_sdk_logs, sdk_facts
from tenuto.core.one_line import one_line

_PLAIN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}

_SDK_EVENTS = {
    "Completing activity as failed": "activity_failed",
    "Failed completing activity task": "activity_report_failed",
    "Failed activation on workflow": "workflow_task_failed",
    "Failed handling activation on workflow": "workflow_task_failed",
    "Failing workflow task": "workflow_task_failed",
    "Beginning worker shutdown": "worker_stopping",
    "Worker failed, shutting down": "worker_failed",
}
"""How a message of the SDK starts -> its event name."""

_SDK_FACTS = {
    "temporal_activity": ("activity_type", "attempt", "workflow_id", "task_queue"),
    "temporal_workflow": ("workflow_type", "workflow_id", "attempt"),
}


def configure_logging(level: str, *, as_json: bool) -> None:
    """Sends all records from `level` on to stderr, as JSON lines or for a person."""
    from temporalio import activity, workflow

    activity.logger.activity_info_on_message = False
    workflow.logger.workflow_info_on_message = False
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines() if as_json else TextLines())
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    forward_sdk_logs()


class JsonLines(logging.Formatter):
    """`{"time": ..., "level": ..., "event": ..., ...facts}`."""

    def format(self, record: logging.LogRecord) -> str:
        """One JSON object on one line."""
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": event_of(record),
            **facts_of(record),
        }
        if record.exc_info and record.exc_info[1]:
            line["error"] = str(record.exc_info[1])
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str)


class TextLines(logging.Formatter):
    """`17:09:12 INFO  workers_started  queues=nav,default`; of an error its last line."""

    def format(self, record: logging.LogRecord) -> str:
        """One line, without a traceback below debug level."""
        facts = "  ".join(f"{name}={_short(value)}" for name, value in facts_of(record).items())
        stamp = self.formatTime(record, "%H:%M:%S")
        line = f"{stamp} {record.levelname:<7} {event_of(record)}  {facts}".rstrip()
        if not record.exc_info or not record.exc_info[1]:
            return line
        if logging.getLogger().isEnabledFor(logging.DEBUG):
            return f"{line}\n{self.formatException(record.exc_info)}"
        error = record.exc_info[1]
        return f"{line}  error={type(error).__name__}: {one_line(str(error))}"


def event_of(record: logging.LogRecord) -> str:
    """The record's event name; for a foreign record its message."""
    message = record.getMessage()
    if record.name.startswith("temporalio"):
        for start, event in _SDK_EVENTS.items():
            if message.startswith(start):
                return event
    return message


def facts_of(record: logging.LogRecord) -> dict[str, Any]:
    """What came as `extra`, with the SDK's context reduced to what tells runs apart."""
    facts: dict[str, Any] = {}
    for name, value in vars(record).items():
        if name in _SDK_FACTS and isinstance(value, dict):
            facts |= {key: value[key] for key in _SDK_FACTS[name] if key in value}
        elif name not in _PLAIN and not name.startswith(("temporal_", "__")):
            facts[name] = value
    return facts | sdk_facts(record)


def _short(value: Any) -> str:
    if isinstance(value, list | tuple):
        return ",".join(str(each) for each in value)
    text = str(value)
    return f'"{text}"' if " " in text else text
