"""What makes a schedule another one, how it becomes the engine's, and what Python can make."""

import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from temporalio.client import ScheduleRange

from schedule_desk import sample_catalog
from tenuto.artifacts.store import open_store
from tenuto.cli.schedules.written import chosen_sets
from tenuto.core.errors import UsageError
from tenuto.core.yaml12 import read_yaml
from tenuto.definitions.library import DefinitionLibrary
from tenuto.engine.settings import SchedulesSettings, Settings
from tenuto.triggers.schedules.check import Checked, Wanted, check
from tenuto.triggers.schedules.editor_schema import schedules_schema
from tenuto.triggers.schedules.facts import facts_of
from tenuto.triggers.schedules.file import read_schedules
from tenuto.triggers.schedules.flat import KEYS, OF_ALL, nested, written
from tenuto.triggers.schedules.model import Calendar, Day, ScheduledStart, Timing
from tenuto.triggers.schedules.modules import read_schedule_modules
from tenuto.triggers.schedules.plan import compare_facts, desired, is_chosen
from tenuto.triggers.schedules.spec import spec_of

CATALOG = sample_catalog()


def wanted(said: str, folder: str = "/d") -> Wanted:
    """One schedule of five steps."""
    text = f"schedules:\n  a: {{run: five-steps, input: {{folder: {folder}}}, {said}}}\n"
    library = DefinitionLibrary(open_store("memory://none"))
    (one,) = check([read_schedules(text, "s.yaml")], CATALOG, library).wanted
    return one


BASE = "cron: 0 9 * * *"


@pytest.mark.parametrize(
    ("said", "fields"),
    [
        ("cron: 1 9 * * *", ["cron"]),
        ("every: 1h", ["every", "cron"]),
        (f"{BASE}, time_zone: Europe/Paris", ["time_zone"]),
        (f"{BASE}, overlap: allowAll", ["overlap"]),
        (f"{BASE}, catchup_window: 2h", ["catchup_window"]),
        (f"{BASE}, jitter: 5s", ["jitter"]),
        (f"{BASE}, skip: [{{month: 12}}]", ["skip"]),
        (f"{BASE}, start_at: 2027-01-01T00:00:00Z", ["start_at"]),
        (f"{BASE}, pause_on_failure: true", ["pause_on_failure"]),
        (f"{BASE}, note: x", ["note"]),
        (f"{BASE}, run_id: 'x-{{folder}}'", ["run_id"]),
        (f"{BASE}, search_attributes: {{TenutoSubject: x}}", ["search_attributes"]),
        (f"{BASE}, paused: true, sets: [production]", []),
        ("cron: ['0 9 * * *'], time_zone: UTC, overlap: skip, catchup_window: PT60M", []),
    ],
)
def test_every_key_that_matters_makes_another_schedule(said: str, fields: list[str]) -> None:
    before, after = desired(wanted(BASE), ""), desired(wanted(said), "")
    assert sorted(each.field for each in compare_facts(before.facts, after.facts)) == sorted(fields)
    assert (before.digest == after.digest) is (not fields)


def test_another_input_or_signature_makes_another_schedule() -> None:
    one = desired(wanted(BASE), "")
    other = desired(wanted(BASE, "/e"), "key k2")
    told = {each.field: (each.before, each.after) for each in compare_facts(one.facts, other.facts)}
    assert told.keys() == {"input", "signed"}
    assert told["signed"] == ("", "key k2")


def test_a_skipped_day_is_skipped_in_all_its_hours() -> None:
    when = Timing(cron=("30 18 * * *",), skip=(Day(month=12, day_of_month=25),))
    (day,) = spec_of(when).skip
    assert tuple(day.hour) == (ScheduleRange(0, 23, 1),)
    assert tuple(day.minute) == tuple(day.second) == (ScheduleRange(0, 59, 1),)
    assert tuple(day.month) == (ScheduleRange(12, 12, 1),)
    assert tuple(day.year) == ()


def test_a_calendar_means_midnight_where_no_time_is_given() -> None:
    (calendar,) = spec_of(Timing(calendars=(Calendar(day_of_week="mon-fri"),))).calendars
    assert tuple(calendar.hour) == tuple(calendar.minute) == (ScheduleRange(0, 0, 1),)
    assert tuple(calendar.day_of_week) == (ScheduleRange(1, 5, 1),)


LENGTHS = st.integers(1, 10**6).map(lambda n: timedelta(seconds=n))
TIMINGS = st.builds(
    Timing,
    cron=st.sampled_from([(), ("0 9 * * *",), ("0 9 * * 1-5", "@daily")]),
    every=LENGTHS,
    jitter=LENGTHS,
    time_zone=st.sampled_from(["UTC", "Europe/Luxembourg"]),
    skip=st.lists(st.builds(Day, month=st.integers(1, 12)), max_size=2).map(tuple),
    calendars=st.lists(st.builds(Calendar, hour=st.integers(0, 23)), max_size=2).map(tuple),
)
STARTS = st.builds(
    ScheduledStart,
    id=st.text("ab1_.:/-", min_size=1, max_size=20).map("x".__add__),
    run=st.just("five-steps"),
    input=st.just({"folder": "/d"}),
    when=TIMINGS,
    overlap=st.sampled_from(["skip", "allowAll"]),
    catchup_window=LENGTHS,
    note=st.text(st.characters(codec="ascii", exclude_categories=["C"]), max_size=20),
    sets=st.lists(st.sampled_from(["production", "on", "no"]), max_size=2).map(tuple),
)


@given(STARTS)
def test_what_python_makes_reads_the_same_from_its_yaml(start: ScheduledStart) -> None:
    ((named, said),) = read_yaml(written(start), "written").items()
    assert ScheduledStart.model_validate(nested(named, said)) == start


@given(STARTS)
def test_facts_survive_being_stored(start: ScheduledStart) -> None:
    """Else a second apply would see a change where there is none."""
    target = wanted(BASE).target
    facts = facts_of(start, target, "")
    stored = yaml.safe_load(yaml.safe_dump(facts))
    assert compare_facts(stored, facts) == ()


def test_sets_choose_and_none_is_everywhere() -> None:
    everywhere, production = wanted(BASE), wanted(f"{BASE}, sets: [production]")
    assert is_chosen(everywhere, ())
    assert is_chosen(everywhere, ["test"])
    assert not is_chosen(production, ())
    assert not is_chosen(production, ["test"])
    assert is_chosen(production, ["test", "production"])


def test_a_set_that_nothing_belongs_to_is_a_slip(tmp_path: Path) -> None:
    checked = Checked((wanted(f"{BASE}, sets: [production]"),), (), ("a",))
    settings = Settings(root=tmp_path, schedules=SchedulesSettings(sets=("elsewhere",)))
    assert chosen_sets(["production"], settings, checked) == ("production",)
    assert chosen_sets([], settings, checked) == ("elsewhere",)
    with pytest.raises(UsageError, match="Did you mean `production`") as refused:
        chosen_sets(["prodution"], settings, checked)
    assert refused.value.code == "schedule.unknown-set"


def test_every_key_of_the_records_stands_in_the_flat_form() -> None:
    records = {*ScheduledStart.model_fields, *Timing.model_fields} - {"id", "when"}
    assert set(KEYS) == records
    assert set(OF_ALL) < set(KEYS)


PLANS = """
from tenuto.triggers.schedules.model import ScheduledStart, Timing

schedules = [
    ScheduledStart(
        id=f"sync/{source}",
        run="five-steps",
        input={"folder": source},
        when=Timing(cron=("15 * * * *",), time_zone="America/New_York"),
    )
    for source in ("one", "two")
]

def made():
    return schedules

nothing = 3
"""


@pytest.fixture
def plans(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A module of a project."""
    (tmp_path / "code_of_plans.py").write_text(PLANS)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "code_of_plans", raising=False)
    return "code_of_plans"


@pytest.mark.parametrize("attribute", ["schedules", "made"])
def test_python_code_makes_schedules(plans: str, attribute: str) -> None:
    read = read_schedule_modules([f"{plans}:{attribute}"])
    assert read.ids == ("sync/one", "sync/two")
    assert read.starts[0].text.startswith("sync/one:\n  run: five-steps\n")
    library = DefinitionLibrary(open_store("memory://none"))
    assert len(check([read], CATALOG, library).wanted) == 2


def test_what_python_gets_wrong_is_found_with_its_module(plans: str) -> None:
    read = read_schedule_modules([f"{plans}:schedules", f"{plans}:made"])
    library = DefinitionLibrary(open_store("memory://none"))
    found = check([read], CATALOG, library).findings
    assert {(each.file, each.code) for each in found} == {
        (f"{plans}:schedules", "twice"),
        (f"{plans}:made", "twice"),
    }
    with pytest.raises(UsageError, match="expected a list") as refused:
        read_schedule_modules([f"{plans}:nothing"])
    assert refused.value.code == "schedule.module"


@pytest.fixture(scope="module")
def validator() -> Any:
    """The editor's schema."""
    return jsonschema_rs.validator_for(schedules_schema(CATALOG))


@pytest.mark.parametrize(
    ("schedule", "is_right"),
    [
        ({"run": "five-steps", "input": {"folder": "/d"}, "cron": "0 9 * * *"}, True),
        ({"run": "five-steps", "input": {"folder": "/d"}, "cron": ["0 9 * * *"]}, True),
        ({"run": "five-steps", "input": {"folder": "/d"}, "every": "6 hours"}, True),
        ({"run": "trading/day:1.0.0", "input": {"any": 1}, "every": "6 hours"}, True),
        ({"run": "five-steps", "input": {"folder": "/d"}}, False),
        ({"run": "five-steps", "input": {"foldr": "/d"}, "every": "1h"}, False),
        ({"run": "five-stepz", "every": "1h"}, False),
        ({"run": "five-steps", "input": {"folder": "/d"}, "every": "1h", "overlp": "skip"}, False),
        ({"run": "five-steps", "input": {"folder": "/d"}, "every": "1h", "overlap": "no"}, False),
    ],
)
def test_the_editors_schema_takes_what_is_right(
    validator: Any, schedule: dict[str, Any], is_right: bool
) -> None:
    assert validator.is_valid({"schedules": {"a": schedule}}) is is_right
