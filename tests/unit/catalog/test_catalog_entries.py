"""Entries, bodies bound to them, and plain code described by its hints."""

from datetime import timedelta

import pytest
from temporalio import activity as temporal_activity
from temporalio import workflow as temporal_workflow

from tenuto.catalog import activity, implements, workflow_entry
from tenuto.catalog.describe import describe_activity, describe_workflow, kebab
from tenuto.catalog.registry import Catalog
from tenuto.core.errors import NotFoundError, UsageError
from tenuto.core.records import Record


class AddRequest(Record):
    left: int
    right: int = 0


class AddResult(Record):
    total: int


add = activity(
    "sums.add",
    request=AddRequest,
    result=AddResult,
    summary="Add two numbers.",
    queue="sums",
    start_to_close=timedelta(seconds=5),
)


def test_a_body_becomes_the_activity_of_its_entry() -> None:
    @implements(add)
    def body(request: AddRequest) -> AddResult:
        return AddResult(total=request.left + request.right)

    definition = temporal_activity._Definition.must_from_callable(body)
    assert definition.name == "sums.add"
    assert body(AddRequest(left=1, right=2)) == AddResult(total=3)


def test_a_body_with_another_signature_is_refused_at_import() -> None:
    with pytest.raises(UsageError, match=r"takes \(int, int\) and returns \(int\)") as refused:

        @implements(add)
        def body(left: int, right: int) -> int:
            return left + right

    assert refused.value.code == "catalog.signature-differs"


def test_a_body_with_another_result_is_refused_at_import() -> None:
    with pytest.raises(UsageError, match="AddResult"):

        @implements(add)
        def body(request: AddRequest) -> int:
            return request.left


@temporal_activity.defn
def shorten(text: str, at_most: int = 10) -> str:
    """Cut a text.

    More about it.
    """
    return text[:at_most]


@temporal_workflow.defn
class NightlyHTTPSync:
    """Copy what is new."""

    @temporal_workflow.run
    async def run(self, sources: list[str], dry_run: bool = False) -> int:
        """The number of copied rows."""
        return len(sources) * (not dry_run)


@temporal_workflow.defn(name="Adding")
class OneModel:
    @temporal_workflow.run
    async def run(self, request: AddRequest) -> AddResult:
        """The sum."""
        return AddResult(total=request.left)


def test_plain_activity_becomes_an_entry_by_hints_and_docstring() -> None:
    entry = describe_activity(shorten)
    assert (entry.name, entry.summary, entry.result) == ("shorten", "Cut a text.", str)
    schema = entry.request.model_json_schema()
    assert schema["required"] == ["text"]
    assert schema["properties"]["at_most"]["default"] == 10


def test_plain_workflow_with_separate_arguments_becomes_an_entry() -> None:
    entry = describe_workflow(NightlyHTTPSync)
    assert (entry.name, entry.type_name) == ("nightly-http-sync", "NightlyHTTPSync")
    assert entry.spreads_fields
    assert list(entry.request.model_fields) == ["sources", "dry_run"]


def test_plain_workflow_with_one_model_keeps_that_model() -> None:
    entry = describe_workflow(OneModel)
    assert entry.request is AddRequest
    assert not entry.spreads_fields
    assert entry.type_name == "Adding"


@pytest.mark.parametrize(
    ("type_name", "name"),
    [("DailyNav", "daily-nav"), ("HTTPFetch", "http-fetch"), ("sync", "sync"), ("A1B", "a1-b")],
)
def test_kebab(type_name: str, name: str) -> None:
    assert kebab(type_name) == name


def test_unknown_name_suggests_the_nearest() -> None:
    nav = workflow_entry(
        "daily-nav",
        type_name="DailyNav",
        request=AddRequest,
        result=AddResult,
        summary="",
        queue="q",
    )
    catalog = Catalog([nav, add])
    assert catalog.workflow("DailyNav") is catalog.workflow("daily-nav") is nav
    with pytest.raises(NotFoundError, match=r"Did you mean `daily-nav`\?") as missing:
        catalog.workflow("dayly-nav")
    assert missing.value.exit_code == 4
    with pytest.raises(NotFoundError, match="Valid names are `daily-nav`"):
        catalog.workflow("zzz")


def test_one_name_has_one_contract() -> None:
    other = activity(
        "sums.add",
        request=AddRequest,
        result=AddResult,
        summary="Another.",
        queue="elsewhere",
        start_to_close=timedelta(seconds=1),
    )
    with pytest.raises(UsageError, match="Two catalog entries are called `sums.add`"):
        Catalog([add, other])
