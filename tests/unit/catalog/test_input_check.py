"""Inputs are checked against the model before a run starts, and the wrong field is named."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Annotated, Any

import pytest
from pydantic import Field
from temporalio import workflow as temporal_workflow

from tenuto.catalog import workflow_entry
from tenuto.catalog.check import arguments, check_input
from tenuto.catalog.describe import describe_workflow
from tenuto.core.errors import UsageError
from tenuto.core.records import Record


class SyncRequest(Record):
    sources: list[str]
    day: date
    limit: Decimal = Decimal(1)


entry = workflow_entry(
    "sync", type_name="Sync", request=SyncRequest, result=SyncRequest, summary="", queue="q"
)


def test_all_12_every_wrong_field_is_named_in_one_pass() -> None:
    with pytest.raises(UsageError) as wrong:
        check_input(entry, {"sources": ["a"], "day": "tomorrow", "limit": "many"})
    text = str(wrong.value)
    assert "`day`:" in text
    assert "`limit`:" in text
    assert "'tomorrow'" in text
    assert wrong.value.exit_code == 2
    assert [e["field"] for e in wrong.value.details["errors"]] == ["day", "limit"]


def test_a_string_is_not_a_list_of_its_characters() -> None:
    with pytest.raises(UsageError, match=r"`sources`: .*valid list.*'everflow'"):
        check_input(entry, {"sources": "everflow", "day": "2026-03-31"})


def test_a_missing_field_is_named() -> None:
    with pytest.raises(UsageError, match="`day`: is required and was not given"):
        check_input(entry, {"sources": []})


def test_an_unknown_field_is_refused_with_a_suggestion() -> None:
    with pytest.raises(UsageError, match="`source`: no such field; did you mean `sources`"):
        check_input(entry, {"source": [], "sources": [], "day": "2026-03-31"})


class Part(Record):
    share: Decimal = Decimal(1)
    every: timedelta | None = None


class Whole(Record):
    parts: tuple[Part, ...] = ()
    main: Part | None = None
    words: Annotated[tuple[Annotated[str, Field(min_length=1)], ...], Field(min_length=1)] = ("a",)


whole = workflow_entry(
    "whole", type_name="Whole", request=Whole, result=Whole, summary="", queue="q"
)


@pytest.mark.parametrize(
    ("given", "where"), [({"main": {"shares": 1}}, "main"), ({"parts": [{"shares": 1}]}, "parts.0")]
)
def test_an_unknown_field_deep_inside_is_compared_with_its_neighbours(
    given: dict[str, Any], where: str
) -> None:
    with pytest.raises(UsageError, match=rf"`{where}.shares`: no such field; did you mean `share`"):
        check_input(whole, given)


def test_a_length_of_time_says_how_it_is_written() -> None:
    with pytest.raises(UsageError, match=r"`main.every`: expected how long, such as .*'5 min'"):
        check_input(whole, {"main": {"every": "5 min"}})


def test_a_list_is_not_called_short_for_what_is_wrong_inside_it() -> None:
    with pytest.raises(UsageError, match="`words.0`") as wrong:
        check_input(whole, {"words": [""]})
    assert "`words`" not in wrong.value.message
    with pytest.raises(UsageError, match="`words`"):
        check_input(whole, {"words": []})


def test_a_right_input_becomes_its_model() -> None:
    request = check_input(entry, {"sources": ["a"], "day": "2026-03-31", "limit": "0.1"})
    assert request == SyncRequest(sources=["a"], day=date(2026, 3, 31), limit=Decimal("0.1"))
    assert arguments(entry, request) == [request]


@temporal_workflow.defn
class Plain:
    @temporal_workflow.run
    async def run(self, sources: list[str], dry: bool = True) -> int:
        """Counted."""
        return len(sources)


def test_plain_workflow_gets_all_its_arguments_so_that_types_survive() -> None:
    plain = describe_workflow(Plain)
    assert arguments(plain, check_input(plain, {"sources": ["a"]})) == [["a"], True]
    with pytest.raises(UsageError, match="`sources`"):
        check_input(plain, {"sources": "abc"})
