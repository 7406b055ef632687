"""When runs are started, as the document says it."""

from datetime import timedelta
from typing import Any

import pytest

from tenuto.core.errors import UsageError
from tenuto.definitions.plan import Head, Plan, SetTask
from tenuto.triggers.definition_timetable import timetable_of
from tenuto.triggers.definitions import check_schedulable


def document(schedule: Any, **options: Any) -> Any:
    return {
        "document": {"metadata": {"temporal": {"schedule": options}}} if options else {},
        "schedule": schedule,
    }


def test_a_definition_without_a_schedule_has_no_timetable() -> None:
    assert timetable_of({"document": {}}) is None


@pytest.mark.parametrize("every", ["PT90M", {"minutes": 90}, {"hours": 1, "minutes": 30}])
def test_an_interval_is_iso_text_or_units(every: Any) -> None:
    found = timetable_of(document({"every": every}))
    assert found is not None
    assert (found.every, found.cron) == (timedelta(minutes=90), None)


def test_what_is_not_said_is_the_specifications_default() -> None:
    found = timetable_of(document({"cron": "0 6 * * *"}))
    assert found is not None
    assert (found.time_zone, found.overlap, found.jitter) == ("UTC", "allowAll", timedelta(0))
    assert found.catchup == timedelta(days=365)


def test_options_are_read() -> None:
    options = {"timeZone": "Asia/Tokyo", "overlap": "bufferOne", "catchup": "PT5M"}
    found = timetable_of(document({"cron": "0 6 * * *"}, **options, jitter={"seconds": 30}))
    assert found is not None
    assert (found.time_zone, found.overlap) == ("Asia/Tokyo", "bufferOne")
    assert (found.catchup, found.jitter) == (timedelta(minutes=5), timedelta(seconds=30))


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"timeZone": "Europe/Atlantis"}, "is no time zone"),
        ({"overlap": "queue"}, "allowAll"),
        ({"jitter": "a while"}, "is no duration"),
        ({"timezone": "UTC"}, "did you mean `timeZone`"),
    ],
)
def test_a_wrong_option_is_refused(options: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError, match=said) as refused:
        timetable_of(document({"cron": "0 6 * * *"}, **options))
    assert refused.value.code == "definition.schedule"


@pytest.mark.parametrize("schedule", [{}, {"after": "PT1H"}, {"on": {"one": {}}}])
def test_a_schedule_of_another_kind_is_refused(schedule: Any) -> None:
    with pytest.raises(UsageError, match="expected `every` or `cron`"):
        timetable_of(document(schedule))


def plan(*, text: str = "", input_schema: Any = None) -> Plan:
    return Plan(
        head=Head(dsl="1.0.3", namespace="desk", name="nightly", version="1.0.0"),
        input_schema=input_schema,
        do=(SetTask(name="note", at="/do/0/note", value={"text": text}),),
    )


def test_a_plan_that_the_store_would_keep_is_not_scheduled() -> None:
    check_schedulable(plan(text="x" * 200_000))
    with pytest.raises(UsageError, match="a schedule holds fewer than") as refused:
        check_schedulable(plan(text="x" * 262_144))
    assert refused.value.code == "definition.schedule-size"


def test_a_definition_that_needs_an_input_is_not_scheduled() -> None:
    check_schedulable(plan(input_schema={"type": "object"}))
    with pytest.raises(UsageError, match="without an input") as refused:
        check_schedulable(plan(input_schema={"type": "object", "required": ["fund"]}))
    assert refused.value.code == "definition.schedule-input"
