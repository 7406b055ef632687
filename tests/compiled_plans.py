"""Small definitions compiled against a catalog of a few entries, for tests."""

from datetime import timedelta
from typing import Any

from pydantic import JsonValue
from temporalio.common import RetryPolicy

from tenuto.catalog import WorkflowEntry, activity, local_activity, workflow_entry
from tenuto.catalog.library.definitions import catalog as built_in
from tenuto.catalog.registry import Catalog
from tenuto.core.records import Record
from tenuto.definitions.compiling import compile_plan
from tenuto.definitions.loading import load
from tenuto.definitions.plan import Plan


class Ask(Record):
    """What the entries here are asked."""

    fund: str
    day: str = ""


class Answer(Record):
    """What they answer."""

    value: str = ""


CATALOG = Catalog(
    (
        built_in.call_http,
        built_in.call_openapi,
        built_in.publish,
        built_in.load,
        activity(
            "prices.fetch_close",
            request=Ask,
            result=Answer,
            summary="Fetch closing prices.",
            queue="prices",
            start_to_close=timedelta(minutes=3),
            schedule_to_close=timedelta(hours=1),
            retry=RetryPolicy(
                initial_interval=timedelta(seconds=2),
                maximum_interval=timedelta(seconds=20),
                maximum_attempts=7,
                non_retryable_error_types=["NoSuchFund"],
            ),
        ),
        local_activity(
            "prices.middle", request=Ask, result=Answer, summary="Average.", queue="prices"
        ),
        workflow_entry(
            "daily-nav",
            type_name="DailyNav",
            request=Ask,
            result=Answer,
            summary="Strike a NAV.",
            queue="nav",
            run_id="nav/{fund}/{day}",
            execution_timeout=timedelta(hours=8),
        ),
        WorkflowEntry(
            name="old-report",
            type_name="OldReport",
            request=Ask,
            result=str,
            summary="Plain code with two arguments.",
            queue="reports",
            spreads_fields=True,
        ),
    )
)


def definition(*tasks: Any, **parts: Any) -> dict[str, JsonValue]:
    """A definition that does `tasks`, with further top-level parts."""
    about: JsonValue = {"dsl": "1.0.3", "namespace": "test", "name": "sample", "version": "1.0.0"}
    return {"document": about, **parts, "do": list(tasks)}


def plan_of(*tasks: Any, **parts: Any) -> Plan:
    """The plan of such a definition."""
    return compile_plan(definition(*tasks, **parts), CATALOG)


def value_of(text: str) -> JsonValue:
    """The value of a definition's text, which must be readable."""
    loaded, findings = load(text, "sample.yaml")
    assert loaded is not None, findings
    return loaded.value
