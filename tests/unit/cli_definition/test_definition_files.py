"""Drawing, converting, keeping, and showing definitions: what needs no server."""

import json
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent
from typing import Any

import jsonschema_rs
import pytest

from tenuto.core.yaml12 import read_yaml

Run = Callable[..., Any]

OLDER = """\
workflowName: two-reads
execution:
  sequential:
    blocks:
      - activity: { activityName: fetch.files, args: [] }
"""
OUTER = """\
document: { dsl: '1.0.3', namespace: desk, name: outer, version: '1.0.0' }
do:
  - runInner:
      run: { workflow: { namespace: desk, name: inner, version: latest } }
"""
INNER = """\
document: { dsl: '1.0.3', namespace: desk, name: inner, version: '1.0.0' }
do:
  - add: { set: { sum: '3.50' } }
output:
  schema:
    document: { type: object, properties: { sum: { type: string, format: decimal } } }
"""


def test_a_graph_is_mermaid_or_svg(tenuto: Run, good: Path, project: Path) -> None:
    told = tenuto("definition", "graph", "good.yaml")
    assert told.code == 0
    assert told.out.startswith("flowchart")
    assert "fetch.files" in told.out
    assert tenuto("definition", "graph", "good.yaml", "-o", "good.svg").out == ""
    assert (project / "good.svg").read_text().lstrip().startswith("<svg")
    assert (
        tenuto("definition", "graph", "good.yaml", "--format", "svg").out
        == (project / "good.svg").read_text()
    )


def test_the_editors_schema_accepts_what_the_check_accepts(
    tenuto: Run, good: Path, broken: Path, project: Path
) -> None:
    told = tenuto("definition", "schema", "-o", "definition.schema.json")
    assert told.code == 0
    assert "# yaml-language-server: $schema=./definition.schema.json" in told.err
    schema = json.loads((project / "definition.schema.json").read_text())
    validator = jsonschema_rs.validator_for(schema, offline=True)
    assert validator.is_valid(read_yaml(good.read_text(), "good"))
    assert not validator.is_valid(read_yaml(broken.read_text(), "broken"))


def test_the_schema_of_one_function_is_its_arguments(tenuto: Run) -> None:
    schema = json.loads(tenuto("definition", "schema", "--function", "notify.file").out)
    assert {"folder", "name", "idempotency_key"} <= schema["properties"].keys()
    told = tenuto("definition", "schema", "--function", "notify.fil")
    assert told.code == 4
    assert "`notify.file`" in told.err


def test_inv_14_the_older_form_is_converted(tenuto: Run, project: Path) -> None:
    (project / "older.yaml").write_text(OLDER)
    told = tenuto("definition", "convert", "older.yaml")
    assert told.code == 0
    made = read_yaml(told.out, "made")
    assert isinstance(made, dict)
    assert made["document"]["name"] == "two-reads"
    assert tenuto("definition", "convert", "older.yaml", "-o", "new.yaml").out == ""
    assert (project / "new.yaml").read_text() == told.out


def test_a_file_that_cannot_be_written_is_an_error(tenuto: Run, good: Path) -> None:
    told = tenuto("definition", "graph", "good.yaml", "-o", "nowhere/good.svg")
    assert told.code == 2
    assert "[definition.unwritable]" in told.err


def test_deploying_without_a_schedule_needs_no_server(tenuto: Run, good: Path) -> None:
    (first,) = json.loads(tenuto("definition", "deploy", "good.yaml", "--json").out)
    assert (first["name"], first["version"], first["is_new"]) == ("price-check", "1.0.0", True)
    assert first["schedule"] is None
    told = tenuto("definition", "deploy", "good.yaml")
    assert told.code == 0
    assert "desk/price-check:1.0.0 was there already" in told.out


def test_a_version_never_changes_what_it_means(tenuto: Run, good: Path) -> None:
    tenuto("definition", "deploy", "good.yaml")
    good.write_text(good.read_text().replace(") rows", ") lines"))
    for options in ([], ["--dry-run"]):
        told = tenuto("definition", "deploy", "good.yaml", *options)
        assert told.code == 2
        assert "[definition.version-taken]" in told.err


def test_a_dry_run_keeps_nothing(tenuto: Run, good: Path) -> None:
    told = tenuto("definition", "deploy", "good.yaml", "--dry-run")
    assert told.code == 0
    assert "Nothing was kept" in told.err
    assert tenuto("definition", "list", "--json").out.strip() == "[]"


def test_nothing_is_kept_while_one_file_is_wrong(tenuto: Run, good: Path, broken: Path) -> None:
    assert tenuto("definition", "deploy", "good.yaml", "broken.yaml").code == 2
    assert json.loads(tenuto("definition", "list", "--json").out) == []


def test_nothing_is_kept_while_one_version_is_taken(tenuto: Run, good: Path, project: Path) -> None:
    tenuto("definition", "deploy", "good.yaml")
    good.write_text(good.read_text().replace(") rows", ") lines"))
    (project / "another.yaml").write_text(good.read_text().replace("price-check", "another"))
    assert tenuto("definition", "deploy", "another.yaml", "good.yaml").code == 2
    (listed,) = json.loads(tenuto("definition", "list", "--json").out)
    assert listed["name"] == "price-check"


def test_definitions_that_run_each_other_are_checked_and_deployed_together(
    tenuto: Run, project: Path
) -> None:
    folder = project / "desk"
    folder.mkdir()
    (folder / "outer.yaml").write_text(OUTER)
    (folder / "inner.yaml").write_text(INNER)
    alone = tenuto("definition", "check", "desk/outer.yaml")
    assert alone.code == 2
    assert "There is no definition `desk/inner`" in alone.out
    assert tenuto("definition", "check", "desk").code == 0
    assert tenuto("definition", "deploy", "desk").code == 0
    assert tenuto("definition", "check", "desk/outer.yaml").code == 0
    plan = json.loads(tenuto("definition", "plan", "desk/outer", "--json").out)
    assert [(step["what"], step["name"]) for step in plan["steps"]] == [
        ("definition", "desk/inner:1.0.0")
    ]
    assert plan["output"] == {"sum": "1.00"}, "a sample of what the other says it gives"


def test_an_empty_list_says_what_to_do(tenuto: Run) -> None:
    told = tenuto("definition", "list")
    assert (told.code, told.out) == (0, "")
    assert "tenuto definition deploy FILE" in told.err


def test_every_version_is_listed_and_the_highest_is_meant(tenuto: Run, good: Path) -> None:
    for version in ("1.0.0", "1.10.0", "1.9.0"):
        good.write_text(good.read_text().replace("1.0.0", version).replace("1.10.0", version))
        assert tenuto("definition", "deploy", "good.yaml").code == 0
    listed = json.loads(tenuto("definition", "list", "--namespace", "desk", "--json").out)
    assert [each["version"] for each in listed] == ["1.0.0", "1.9.0", "1.10.0"]
    assert json.loads(tenuto("definition", "list", "--namespace", "other", "--json").out) == []
    shown = json.loads(tenuto("definition", "show", "desk/price-check", "--json").out)
    assert shown["version"] == "1.10.0"
    assert shown["functions"] == ["fetch.files", "notify.file"]
    assert shown["input_schema"]["required"] == ["fund"]
    shown = json.loads(tenuto("definition", "show", "desk/price-check:1.0.0", "--json").out)
    assert "version: '1.0.0'" in shown["source"]


def test_the_page_of_a_definition_has_input_and_source(tenuto: Run, good: Path) -> None:
    tenuto("definition", "deploy", "good.yaml")
    page = tenuto("definition", "show", "desk/price-check").out
    assert "desk/price-check:1.0.0\nTwo prices\n" in page
    assert "Which fund." in page
    assert good.read_text() in page + "\n"


def test_a_deployed_definition_can_be_planned_and_drawn(tenuto: Run, good: Path) -> None:
    tenuto("definition", "deploy", "good.yaml")
    by_name = json.loads(tenuto("definition", "plan", "desk/price-check", "--json").out)
    by_file = json.loads(tenuto("definition", "plan", "good.yaml", "--json").out)
    assert by_name == by_file
    assert tenuto("definition", "graph", "desk/price-check:1.0.0").code == 0


def test_names_that_nobody_deployed(tenuto: Run, good: Path) -> None:
    tenuto("definition", "deploy", "good.yaml")
    told = tenuto("definition", "show", "desk/price-chek")
    assert told.code == 4
    assert "Did you mean `desk/price-check:1.0.0`?" in told.err
    told = tenuto("definition", "show", "price-check")
    assert told.code == 2
    assert "[definition.bad-name]" in told.err


def test_a_schedule_without_a_server_keeps_nothing(tenuto: Run, good: Path) -> None:
    text = good.read_text().replace("required: [fund]", "required: []")
    good.write_text(text.replace("do:\n", "schedule: { every: { hours: 1 } }\ndo:\n", 1))
    told = tenuto("definition", "deploy", "good.yaml")
    assert told.code == 5, told.err
    assert json.loads(tenuto("definition", "list", "--json").out) == []
    assert tenuto("definition", "deploy", "good.yaml", "--no-schedule").code == 0
    page = tenuto("definition", "show", "desk/price-check").out
    assert "every 1 h" in page


def test_a_schedule_gives_no_input(tenuto: Run, good: Path) -> None:
    good.write_text(
        good.read_text().replace("do:\n", "schedule: { every: { hours: 1 } }\ndo:\n", 1)
    )
    told = tenuto("definition", "deploy", "good.yaml")
    assert told.code == 2
    assert "[definition.schedule-input]" in told.err


def test_a_demo_without_its_extra_says_what_to_install(tenuto: Run, project: Path) -> None:
    (project / "bare.py").write_text(
        "from tenuto.core.pack import Pack\n"
        "pack = Pack(name='bare', summary='Bare.', catalog=(), extra='finance',\n"
        "    needs=('no_such_module',), demos=(('bare-demo', 'bare:play', 'Nothing.'),))\n"
    )
    (project / "tenuto.toml").write_text('packs = ["bare:pack"]\n')
    told = tenuto("demo", "bare-demo")
    assert told.code == 2
    assert "tenuto[finance]" in told.err
    assert "[demo.not-installed]" in told.err


@pytest.mark.parametrize("target", ["nav.png", "nav.pdf", "nav", "nav.svgz"])
def test_a_drawing_of_an_unknown_kind_is_refused(
    tenuto: Run, good: Path, project: Path, target: str
) -> None:
    told = tenuto("definition", "graph", "good.yaml", "-o", target)
    assert told.code == 2
    assert "[definition.unknown-drawing]" in told.err
    assert not (project / target).exists()
    assert tenuto("definition", "graph", "good.yaml", "-o", target, "--format", "svg").code == 0
    assert (project / target).read_text().startswith("<svg")


@pytest.mark.parametrize("target", ["nav.md", "nav.mmd", "nav.SVG"])
def test_the_name_of_a_drawing_says_its_form(
    tenuto: Run, good: Path, project: Path, target: str
) -> None:
    assert tenuto("definition", "graph", "good.yaml", "-o", target).code == 0
    is_svg = (project / target).read_text().startswith("<svg")
    assert is_svg == target.endswith("SVG")


def test_a_command_that_starts_nothing_does_not_say_so(tenuto: Run, broken: Path) -> None:
    for command in ("plan", "graph"):
        told = tenuto("definition", command, "broken.yaml")
        assert "The definition has 4 errors:" in told.err
        assert "started" not in told.err


def test_a_converted_definition_is_not_converted_again(tenuto: Run, good: Path) -> None:
    told = tenuto("definition", "convert", "good.yaml")
    assert (told.code, "is DSL 1.0.3 already" in told.err) == (2, True)


def test_what_cannot_be_converted_is_named_at_once_with_an_example(
    tenuto: Run, project: Path
) -> None:
    (project / "o.yaml").write_text("execution: { parallel: { blocks: [] } }\nmore: 1\n")
    told = tenuto("definition", "convert", "o.yaml")
    assert told.code == 2
    for part in ("`/more`", "`/workflowName`", "`/execution/parallel/blocks`"):
        assert part in told.err
    (project / "shown.yaml").write_text(
        dedent(told.err.partition("looks like this:\n")[2].partition("\n\n")[0])
    )
    assert tenuto("definition", "convert", "shown.yaml").code == 0
