"""SIG-19: a worker's records carry event names, for a person and for a log collector."""

import json
import logging
from collections.abc import Iterator

import pytest

from tenuto.cli.logs import JsonLines, TextLines, configure_logging
from tenuto.cli.sdk_logs import is_news


@pytest.fixture
def root_logging() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


def record(name: str, message: str, **extra: object) -> logging.LogRecord:
    made = logging.makeLogRecord(
        {"name": name, "msg": message, "levelno": logging.INFO, "levelname": "INFO", **extra}
    )
    try:
        raise ValueError("first line\nsecond line")
    except ValueError as error:
        made.exc_info = (type(error), error, error.__traceback__) if "failed" in message else None
    return made


def test_our_own_events_with_their_facts() -> None:
    made = record("tenuto.engine.serving", "workers_started", queues=["nav", "default"])
    line = json.loads(JsonLines().format(made))
    assert (line["event"], line["queues"], line["level"]) == (
        "workers_started",
        ["nav", "default"],
        "info",
    )
    assert line["time"].endswith("+00:00")
    assert TextLines().format(made).endswith("INFO    workers_started  queues=nav,default")


def test_the_sdk_gets_event_names() -> None:
    context = {"activity_type": "nav.deliver", "attempt": 2, "workflow_id": "w", "namespace": "d"}
    made = record("temporalio.activity", "Completing activity as failed", temporal_activity=context)
    line = json.loads(JsonLines().format(made))
    assert line["event"] == "activity_failed"
    assert (line["activity_type"], line["attempt"], line["workflow_id"]) == ("nav.deliver", 2, "w")
    assert "namespace" not in line
    assert line["error"].startswith("first line")
    assert "Traceback" in line["traceback"]
    text = TextLines().format(made)
    assert text.count("\n") == 0
    assert text.endswith("error=ValueError: first line")


def test_levels_and_one_line_each(root_logging: None, capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("warning", as_json=True)
    logging.getLogger("tenuto").info("too_quiet")
    logging.getLogger("tenuto").warning("loud_enough", extra={"n": 1})
    lines = capsys.readouterr().err.splitlines()
    assert [json.loads(line)["event"] for line in lines] == ["loud_enough"]


class CoreLog:
    """A record of the SDK's compiled part, as it hands one over."""

    def __init__(self, **fields: str) -> None:
        self.fields = fields


def test_the_compiled_part_speaks_in_one_line_without_colours() -> None:
    said = 'Failure { failure: Some(Failure { message: "[TMPRL1100] it \\"moved\\"\\nat a", x: 1 })'
    log = CoreLog(run_id="r1", failure=said)
    made = record("temporalio.core", "Failing workflow task", temporal_log=log)
    line = json.loads(JsonLines().format(made))
    assert (line["event"], line["run_id"]) == ("workflow_task_failed", "r1")
    assert line["failure"] == '[TMPRL1100] it "moved"'
    text = TextLines().format(made)
    assert text.endswith('workflow_task_failed  run_id=r1  failure="[TMPRL1100] it "moved""')
    assert is_news(made)


def test_what_workflow_code_raised_is_told_once() -> None:
    said = (
        'Failure { failure_info: Some(ApplicationFailureInfo(ApplicationFailureInfo { r#type: "X"'
    )
    made = record("temporalio.core", "Failing workflow task", temporal_log=CoreLog(failure=said))
    assert not is_news(made)
    assert is_news(record("temporalio.core", "gRPC call retried"))
