"""A form is held to the task's schema before it is sent."""

from pathlib import Path
from typing import Any

import pytest

from tenuto.cli.tasks.typed_form import read_form
from tenuto.cli.tasks.typed_span import read_span
from tenuto.core.errors import UsageError
from tenuto.triggers.tasks.forms import check_form

SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["amount"],
    "additionalProperties": False,
    "properties": {
        "amount": {"type": "number", "minimum": 0},
        "note": {"type": "string"},
        "funds": {"type": "array", "items": {"type": "string"}},
    },
}


def refused_form(*args: Any) -> UsageError:
    with pytest.raises(UsageError) as refused:
        read_form(*args)
    return refused.value


def test_fields_are_typed_by_the_schema() -> None:
    form = read_form(SCHEMA, ["amount=12.5", "note=007", "funds=[A, B]"], None)
    assert form == {"amount": 12.5, "note": "007", "funds": ["A", "B"]}


def test_a_typed_field_wins_over_the_file(tmp_path: Path) -> None:
    for name, text in (("f.yaml", "amount: 1\nnote: file\n"), ("f.json", '{"amount": 1}')):
        file = tmp_path / name
        file.write_text(text)
        assert (read_form(SCHEMA, ["amount=2"], file) or {})["amount"] == 2


def test_every_field_that_does_not_fit_is_named() -> None:
    refused = refused_form(SCHEMA, ["amount=-1", "other=1"], None)
    assert refused.code == "task.form"
    assert "`amount`" in refused.message
    assert "'other'" in refused.message
    assert len(refused.details["problems"]) == 2
    assert "amount" in refused_form(SCHEMA, [], None).message
    assert refused_form(None, ["amount=1"], None).code == "task.no-form"
    assert refused_form(SCHEMA, ["amount"], None).code == "task.form-typed"
    assert read_form(None, [], None) is None


def test_a_form_of_fields_that_may_be_left_out_is_an_empty_one() -> None:
    optional: dict[str, Any] = {"type": "object", "properties": {"note": {"type": "string"}}}
    assert read_form(optional, [], None) == {}


def test_an_edit_of_a_task_without_a_form_takes_what_is_given() -> None:
    assert read_form(None, ["text=hold it"], None, is_free=True) == {"text": "hold it"}
    with pytest.raises(UsageError, match="An edit changes something") as refused:
        read_form(None, [], None, is_free=True)
    assert refused.value.code == "task.form-invalid"


def test_a_file_that_holds_no_form_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "form.yaml"
    for text in ("- 1\n", "x" * 1_000_001):
        file.write_text(text)
        assert refused_form(SCHEMA, [], file).code == "task.form-typed"
    assert refused_form(SCHEMA, [], tmp_path / "none.yaml").code == "task.form-typed"


@pytest.mark.attack
def test_a_forms_schema_reads_no_file(tmp_path: Path) -> None:
    secret = tmp_path / "schema.json"
    secret.write_text('{"type": "object"}')
    # What it refers to accepts the form: refused, because it is not read.
    with pytest.raises(UsageError):
        check_form({"$ref": secret.as_uri()}, {"a": 1})


@pytest.mark.attack
def test_a_forms_pattern_cannot_hang_whoever_decides() -> None:
    schema: dict[str, Any] = {
        "type": "object",
        "properties": {"a": {"type": "string", "pattern": "^(a+)+$"}},
    }
    with pytest.raises(UsageError):
        check_form(schema, {"a": "a" * 40 + "!"})


@pytest.mark.parametrize(
    ("text", "seconds"), [("30m", 1800), ("4h", 14400), ("2 d", 172800), ("PT4H", 14400)]
)
def test_a_length_of_time_is_read(text: str, seconds: int) -> None:
    assert read_span(text).total_seconds() == seconds


@pytest.mark.parametrize("text", ["", "soon", "4", "9999999h", "4 h 5 m"])
def test_what_is_no_length_of_time_is_refused(text: str) -> None:
    with pytest.raises(UsageError) as refused:
        read_span(text)
    assert refused.value.code == "task.span"
