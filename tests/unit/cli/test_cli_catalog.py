"""`tenuto catalog`: what can be run, for a person and for a program."""

import json
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from pydantic import Field
from rich.console import Console

from tenuto.catalog import SideEffect, activity, workflow_entry
from tenuto.cli.entries import describe, draw_entry, example
from tenuto.cli.fields import fields_of, kind_of
from tenuto.core.records import Record
from tenuto.core.references import Dataset, Document

Run = Callable[..., Any]


class Colour(Enum):
    RED = "red"
    BLUE = "blue"


class Desk(Record):
    name: str


class Everything(Record):
    desk: Desk
    """Who closes.

    Never shown: a second paragraph.
    """
    day: date
    on_missing: Literal["fail", "wait"] = "fail"
    positions: Document | None = None
    prices: Dataset | None = None
    weight: Annotated[Decimal, Field(ge=0)] = Decimal("1.5")
    colour: Colour = Colour.RED
    tags: tuple[str, ...] = ()
    by_class: dict[str, Decimal] = Field(default={})
    pause: timedelta | None = None
    distribute: bool = True
    anything: Any = None


def test_fields_say_what_to_type() -> None:
    fields = {field.name: field for field in fields_of(Everything)}
    assert {name: field.kind for name, field in fields.items()} == {
        "desk": "FILE.yaml",
        "day": "YYYY-MM-DD",
        "on_missing": "fail|wait",
        "positions": "FILE",
        "prices": "DATASET",
        "weight": "NUMBER",
        "colour": "red|blue",
        "tags": "LIST",
        "by_class": "MAP",
        "pause": "DURATION",
        "distribute": "true|false",
        "anything": "VALUE",
    }
    assert [name for name, field in fields.items() if field.is_required] == ["desk", "day"]
    assert fields["on_missing"].option == "--on-missing"
    assert fields["desk"].summary == "Who closes."
    assert {name: field.default for name, field in fields.items() if field.default} == {
        "on_missing": "fail",
        "weight": "1.5",
        "colour": "red",
        "distribute": "true",
    }


def test_the_example_names_every_required_field() -> None:
    entry = workflow_entry(
        "close", type_name="Close", request=Everything, result=str, summary="", queue="q"
    )
    assert example(entry) == "tenuto run close --desk FILE.yaml --day YYYY-MM-DD --wait"


@pytest.mark.parametrize(
    ("annotation", "words"),
    [
        (Everything, "Everything"),
        (str | None, "str"),
        (list[Desk], "list of Desk"),
        (tuple[Desk, ...], "list of Desk"),
        (Any, "any"),
        (dict[str, int], "dict[str, int]"),
    ],
)
def test_result_types_in_words(annotation: Any, words: str) -> None:
    assert kind_of(annotation) == words


def test_the_list_has_workflows_first_and_every_activity(tenuto: Run) -> None:
    told = tenuto("catalog", "--json")
    entries = json.loads(told.out)
    assert told.code == 0
    kinds = [entry["kind"] for entry in entries]
    assert kinds == sorted(kinds, reverse=True)
    assert {"daily-nav", "nav.value_positions"} <= {entry["name"] for entry in entries}
    assert all(set(entry) == {"name", "kind", "queue", "summary"} for entry in entries)
    lines = tenuto("catalog", "list", "-o", "jsonl").out.splitlines()
    assert [json.loads(line) for line in lines] == entries
    text = tenuto("catalog").out
    assert all(entry["name"] in text and entry["summary"] in text for entry in entries)


def test_one_workflow_with_schemas_and_an_example(tenuto: Run) -> None:
    entry = json.loads(tenuto("catalog", "daily-nav", "--json").out)
    assert entry["kind"] == "workflow"
    assert entry["type_name"] == "DailyNav"
    assert "fund" in entry["input_schema"]["required"]
    assert "nav" in entry["result_schema"]["properties"]
    assert entry["example"].startswith("tenuto run daily-nav --fund FILE.yaml")
    text = tenuto("catalog", "show", "DailyNav").out
    assert entry["example"] in text
    assert "required" in text


def test_one_activity_with_its_limits() -> None:
    entry = activity(
        "desk.close",
        request=Everything,
        result=Desk,
        summary="Close the desk.",
        queue="desk",
        start_to_close=timedelta(minutes=10),
        heartbeat=timedelta(seconds=30),
        side_effect=SideEffect.EXTERNAL,
        idempotency="The desk knows that it is closed.",
    )
    record = describe(entry)
    assert record["kind"] == "activity"
    assert (record["start_to_close_s"], record["heartbeat_s"]) == (
        timedelta(minutes=10),
        timedelta(seconds=30),
    )
    assert (record["maximum_attempts"], record["side_effect"]) == (3, "external")
    console = Console(width=100, no_color=True)
    with console.capture() as drawn:
        draw_entry(console, entry)
    text = drawn.get()
    assert "at most 10 min" in text
    assert "at least every 30 s" in text
    assert "3 attempts; pause 1 s, times 2 each, at most 30 s" in text
    assert "The desk knows that it is closed." in text


def test_the_lists_activities_can_be_described_by_name(tenuto: Run) -> None:
    entry = json.loads(tenuto("catalog", "nav.value_positions", "--json").out)
    assert entry["name"] == "nav.value_positions"
    assert entry["start_to_close_s"] > 0


def test_an_unknown_name_is_exit_4_with_near_ones(tenuto: Run) -> None:
    told = tenuto("catalog", "daily-naw")
    assert told.code == 4
    assert "Did you mean `daily-nav`?" in told.err


def test_a_name_that_is_near_to_none_is_not_answered_with_all(tenuto: Run) -> None:
    told = tenuto("catalog", "xyzzy")
    assert told.code == 4
    assert "`tenuto catalog` lists them" in told.err
    assert len(told.err) < 120


def test_a_module_that_cannot_be_imported_is_named(tenuto: Run, project: Path) -> None:
    (project / "tenuto.toml").write_text('modules = ["not_there_at_all"]\n')
    told = tenuto("catalog")
    assert told.code == 2
    assert "`not_there_at_all` cannot be imported" in told.err


@pytest.mark.parametrize("width", ["60", "80", "120"])
def test_narrow_terminals_break_no_name(
    tenuto: Run, monkeypatch: pytest.MonkeyPatch, width: str
) -> None:
    monkeypatch.setenv("COLUMNS", width)
    monkeypatch.setattr("tenuto.cli.output.PIPED_WIDTH", int(width))
    text = tenuto("catalog").out
    assert "nav.measure_performance" in text
    assert max(len(line) for line in text.splitlines()) <= int(width)
