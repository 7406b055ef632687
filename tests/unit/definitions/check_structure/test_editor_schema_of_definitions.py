"""The schema for editors takes what the check takes, and refuses what it refuses."""

import json
from datetime import timedelta
from typing import Any

import jsonschema_rs
import pytest

from definition_texts import definition
from specification_examples import EXAMPLES, OUTSIDE_THE_PROFILE, SUPPORTED
from tenuto.catalog import activity, workflow_entry
from tenuto.catalog.registry import Catalog
from tenuto.core.records import Record
from tenuto.definitions.editor_schema import editor_schema
from tenuto.definitions.loading import load


class Line(Record):
    isin: str
    units: int = 0


class Order(Record):
    fund: str
    """Which fund."""
    lines: tuple[Line, ...] = ()
    parent: "Order | None" = None


class OtherLine(Record):
    account: str


class Ledger(Record):
    line: OtherLine


OtherLine.__name__ = "Line"


def _entry(name: str, request: type[Record]) -> Any:
    return activity(
        name,
        request=request,
        result=Line,
        summary=f"{name} it.",
        queue="orders",
        start_to_close=timedelta(seconds=5),
    )


SCHEMA = editor_schema(
    Catalog(
        [
            _entry("orders.place-all", Order),
            _entry("ledger.book", Ledger),
            workflow_entry(
                "daily-nav", type_name="DailyNav", request=Line, result=Line, summary="", queue="q"
            ),
        ]
    )
)


def _is_valid(text: str) -> bool:
    loaded, findings = load(text, "f.yaml")
    assert loaded is not None, findings
    validator = jsonschema_rs.Draft202012Validator(SCHEMA, offline=True)
    return bool(validator.is_valid(loaded.value))


def test_it_is_a_schema_without_outside_references_or_private_words() -> None:
    jsonschema_rs.meta.validate(SCHEMA)
    text = json.dumps(SCHEMA)
    assert '"$ref": "http' not in text
    assert not {'"refusal"', '"remedy"', '"code": "E'} & {
        word for word in ('"refusal"', '"remedy"', '"code": "E') if word in text
    }
    offered = SCHEMA["$defs"]["call"]["else"]["properties"]["call"]["anyOf"][0]["enum"]
    assert {"orders.place-all", "daily-nav", "human.approval"} <= set(offered)


@pytest.mark.parametrize(
    "task",
    [
        "{call: orders.place-all, with: {fund: A}}",
        "{call: 'orders.place-all:1.0.0@default', with: {fund: A}}",
        "{call: orders.place-all, with: {fund: A, lines: [{isin: X, units: '${ .n }'}]}}",
        "{call: orders.place-all, with: {fund: '${ .f }', lines: '${ .all }'}}",
        "{call: orders.place-all, with: {fund: A, parent: {fund: B, parent: '${ .p }'}}}",
        "{call: ledger.book, with: {line: {account: A}}}",
        "{call: daily-nav, with: {isin: A}}",
        "{call: ownFunction, with: {anything: 1}}",
        "{call: Anything.Else, with: {x: 1}, metadata: {temporal: {activity: P, taskQueue: q}}}",
        "{call: http, with: {method: get, endpoint: 'https://x.example'}}",
        "{for: {in: .x}, do: [{b: {set: {x: 1}}}]}",
        "{try: [{b: {wait: PT1S}}], catch: {}}",
    ],
)
def test_what_is_right_is_valid(task: str) -> None:
    assert _is_valid(definition(f"- a: {task}"))


@pytest.mark.parametrize(
    "task",
    [
        "{call: orders.place, with: {fund: A}}",
        "{call: 'orders.place-all:1@default', with: {fund: A}}",
        "{call: orders.place-all}",
        "{call: orders.place-all, with: {}}",
        "{call: orders.place-all, with: {fund: A, fnd: B}}",
        "{call: orders.place-all, with: {fund: 5}}",
        "{call: orders.place-all, with: {fund: A, lines: [{isin: X, units: many}]}}",
        "{call: orders.place-all, with: {fund: A, parent: {parent: '${ .p }'}}}",
        "{call: ledger.book, with: {line: {isin: A}}}",
        "{call: grpc, with: {}}",
        "{call: 'https://x.example/function.yaml'}",
        "{call: http, with: {method: get, url: 'https://x.example'}}",
        "{parallel: []}",
        "{set: {x: 1}, nxt: end}",
        "{wait: 5}",
        "{for: {in: .x}, do: [{b: {sett: {x: 1}}}]}",
        "{run: {shell: {command: ls}}}",
        "null",
    ],
)
def test_what_is_wrong_is_not(task: str) -> None:
    assert not _is_valid(definition(f"- a: {task}"))


def test_reusable_functions_are_tasks() -> None:
    use = "use: {functions: {f: %s}}"
    assert _is_valid(definition("- a: {call: f}", use % "{set: {x: 1}}"))
    assert not _is_valid(definition("- a: {call: f}", use % "{sett: {x: 1}}"))


@pytest.mark.skipif(not EXAMPLES, reason="no files of the specification here")
def test_the_specifications_examples_inside_the_profile_are_valid() -> None:
    assert [path.stem for path in SUPPORTED if not _is_valid(path.read_text())] == []


@pytest.mark.skipif(not EXAMPLES, reason="no files of the specification here")
def test_the_specifications_examples_outside_the_profile_are_not() -> None:
    outside = [path for path in EXAMPLES if path.stem in OUTSIDE_THE_PROFILE]
    assert [path.stem for path in outside if _is_valid(path.read_text())] == []
