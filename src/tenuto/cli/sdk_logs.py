"""What the SDK's compiled part says, through Python's logging: on its own it writes to the console,
in colours even into a file, and pages of them for one failed step of a workflow."""

import ast
import logging
import re
from typing import Any

from tenuto.core.one_line import one_line

_LOGGER = "temporalio.core"
_RAISED_IN_PYTHON = "ApplicationFailureInfo("
_MESSAGE = re.compile(r'message: ("(?:[^"\\]|\\.)*")')


def forward_sdk_logs() -> None:
    """From the next connection of this process on. One that is there already stays as it is."""
    from temporalio.runtime import (
        LogForwardingConfig,
        LoggingConfig,
        Runtime,
        TelemetryConfig,
        TelemetryFilter,
    )

    logger = logging.getLogger(_LOGGER)
    logger.addFilter(is_news)
    forwarding = LogForwardingConfig(
        logger=logger,
        append_target_to_name=False,
        prepend_target_on_message=False,
        append_log_fields_to_message=False,
    )
    told = TelemetryFilter(core_level="WARN", other_level="ERROR")
    telemetry = TelemetryConfig(logging=LoggingConfig(filter=told, forwarding=forwarding))
    Runtime.set_default(Runtime(telemetry=telemetry), error_if_already_set=False)


def is_news(record: logging.LogRecord) -> bool:
    """False for what the SDK's Python part has told already: an error that workflow code raised."""
    return _RAISED_IN_PYTHON not in str(_fields(record).get("failure", ""))


def sdk_facts(record: logging.LogRecord) -> dict[str, str]:
    """The record's fields, each in one line; of a failure what it says."""
    return {name: _short(str(value)) for name, value in _fields(record).items()}


def _fields(record: logging.LogRecord) -> dict[str, Any]:
    log = getattr(record, "temporal_log", None)
    return dict(log.fields) if log is not None else {}


def _short(value: str) -> str:
    said = _MESSAGE.search(value) if value.startswith("Failure {") else None
    return one_line(_unquoted(said[1]) if said else value)


def _unquoted(text: str) -> str:
    """A quoted text of the compiled part; its escapes are Python's, but for `\\u{...}`."""
    try:
        return str(ast.literal_eval(text))
    except (SyntaxError, ValueError):
        return text[1:-1]
