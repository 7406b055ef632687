"""The page of a catalog entry shows how a definition calls it."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from tenuto.app import project_catalog
from tenuto.cli.definitions.example import call_example
from tenuto.core.yaml12 import read_yaml
from tenuto.engine.settings import load_settings

Run = Callable[..., Any]


@pytest.mark.parametrize(
    ("entry", "call"),
    [
        ("fetch.files", "fetch.files"),
        ("call.http", "http"),
        ("human.approval", "human.approval"),
        ("daily-nav", "daily-nav"),
    ],
)
def test_the_page_has_the_call_with_its_required_fields(tenuto: Run, entry: str, call: str) -> None:
    page = tenuto("catalog", entry).out
    assert f"\n    call: {call}\n" in page.partition("In a definition")[2]
    record = json.loads(tenuto("catalog", entry, "--json").out)
    assert record["definition_example"] in page
    (task,) = read_yaml(record["definition_example"], entry)
    (body,) = task.values()
    assert body["with"].keys() == set(record["input_schema"]["required"])


def test_what_no_task_calls_has_no_example() -> None:
    catalog = project_catalog(load_settings())
    for name in ("events.publish", "definitions.load", "definition"):
        assert call_example(catalog.entry(name)) is None
