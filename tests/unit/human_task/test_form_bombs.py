"""A form or an answer that would keep a worker busy for ever is refused at once."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tenuto.catalog.library.tasks.messages import Decide
from tenuto.catalog.library.tasks.request import TaskRequest
from tenuto.core.errors import UsageError
from tenuto.workflows.human_task.contents import refuse_contents, refuse_unusable_form
from tenuto.workflows.human_task.state import opened

pytestmark = pytest.mark.attack


def request(form: dict[str, Any]) -> TaskRequest:
    """A task with that form."""
    return TaskRequest(title="Decide", candidates=("u:ann",), form=form)


def code_of(form: dict[str, Any]) -> str | None:
    """Why the task does not open; None where it does."""
    try:
        refuse_unusable_form(request(form))
    except UsageError as refused:
        return refused.code
    return None


def doubled(times: int, keyword: str) -> dict[str, Any]:
    """So many definitions, each of which has the next one twice."""
    twice = {f"d{n}": {keyword: [{"$ref": f"#/$defs/d{n + 1}"}] * 2} for n in range(times)}
    return {"$ref": "#/$defs/d0", "$defs": {**twice, f"d{times}": {"type": "string"}}}


@pytest.mark.parametrize(
    "form",
    [
        doubled(60, "allOf"),
        doubled(60, "oneOf"),
        doubled(60, "anyOf"),
        {"$ref": "#"},
        {"properties": {"x": {"allOf": [{"$ref": "#"}, {"$ref": "#"}]}}},
        {"$defs": {"a": {"not": {"$ref": "#/$defs/a"}}}, "$ref": "#/$defs/a"},
        {"$dynamicRef": "#x"},
        {"$ref": "https://example.com/schema.json"},
        {"$ref": "file:///etc/passwd"},
        {"$ref": "#/$defs/none"},
        {"$defs": {"a": {"$anchor": "there"}}, "$ref": "#there"},
        {"enum": list(range(20_000))},
        {"properties": {"x": {"pattern": "(" * 300 + "a" + ")" * 300}}},
        {"properties": {"x": {"pattern": "(a{1,1000}){1,1000}"}}},
    ],
)
def test_a_form_that_grows_without_end_opens_no_task(form: dict[str, Any]) -> None:
    assert code_of(form) == "task.form-unusable"


@pytest.mark.parametrize(
    "form",
    [
        {"type": "object", "properties": {"$ref": {"type": "string"}}},
        doubled(5, "allOf"),
        {"$ref": "#/$defs/a~1b", "$defs": {"a/b": {"type": "object"}}},
    ],
    ids=["a field called $ref", "a few references", "an escaped name"],
)
def test_a_form_with_references_can_be_used(form: dict[str, Any]) -> None:
    assert code_of(form) is None


@pytest.mark.parametrize("pattern", [r"^(a+)+$", r"^(a|a)*$", r"^(a*)*\1$", r"(?=(a+)+b)"])
def test_a_pattern_that_could_search_for_ever_gives_up(pattern: str) -> None:
    form = {"type": "object", "properties": {"x": {"type": "string", "pattern": pattern}}}
    asked = request(form)
    answer = Decide(decision="approve", form={"x": "a" * 15_000 + "!"})
    with pytest.raises(UsageError) as refused:
        refuse_contents(asked, opened(asked, datetime(2026, 3, 31, tzinfo=UTC)), answer)
    assert refused.value.code == "task.form-invalid"
