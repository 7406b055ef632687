"""`run.workflow`: what there is to run, and what it takes."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tenuto.artifacts.store import ArtifactStore
from tenuto.catalog.registry import Catalog
from tenuto.core.yaml12 import read_yaml
from tenuto.definitions.check.whole import Checked, check
from tenuto.definitions.compiling import compile_plan
from tenuto.definitions.findings import Severity
from tenuto.definitions.library import DefinitionLibrary

OTHER = """\
document: {dsl: 1.0.3, namespace: test, name: other, version: VERSION}
input:
  schema:
    document:
      type: object
      properties: {customer: {type: string}}
      required: [customer]
      additionalProperties: false
do: [{a: {set: '${ .customer }'}}]
"""


@pytest.fixture
def library(tmp_path: Path) -> DefinitionLibrary:
    """`test/other` in versions 1.0.0 and 1.1.0."""
    shelf = DefinitionLibrary(ArtifactStore(str(tmp_path)))
    for version in ("1.0.0", "1.1.0"):
        text = OTHER.replace("VERSION", version)
        value = read_yaml(text, "other.yaml")
        shelf.deploy(text, value, compile_plan(value, Catalog()))
    return shelf


def _run(name: str, version: str, data: str) -> str:
    named = f"namespace: test, name: {name}, version: {version}"
    return f"- a: {{run: {{workflow: {{{named}, input: {data}}}}}}}"


@pytest.mark.parametrize(
    ("tasks", "code", "path"),
    [
        (_run("othr", "1.0.0", "{customer: Ann}"), "E210", "/do/0/a/run/workflow/name"),
        (_run("other", "2.0.0", "{customer: Ann}"), "E210", "/do/0/a/run/workflow/version"),
        (_run("other", "1.0.0", "{customr: Ann}"), "E211", "/do/0/a/run/workflow/input/customr"),
        (_run("other", "latest", "{customer: 3}"), "E211", "/do/0/a/run/workflow/input/customer"),
    ],
)
def test_a_target_that_is_not_there_or_refuses_its_input(
    tasks: str, code: str, path: str, find_in_tasks: Any, library: DefinitionLibrary
) -> None:
    assert (code, path) in {(f.code, f.path) for f in find_in_tasks(tasks, library=library)}


@pytest.mark.parametrize(
    "tasks",
    [
        _run("other", "1.0.0", "{customer: Ann}"),
        _run("other", "latest", "{customer: '${ .name }'}"),
        _run("other", "1.1.0", "'${ . }'"),
    ],
)
def test_a_target_that_fits(tasks: str, find_in_tasks: Any, library: DefinitionLibrary) -> None:
    assert find_in_tasks(tasks, library=library) == []


def test_the_newest_version_is_named(find_in_tasks: Any, library: DefinitionLibrary) -> None:
    (finding,) = find_in_tasks(_run("other", "2.0.0", "{customer: Ann}"), library=library)

    assert finding.remedy == "The newest is `1.1.0`."


def test_a_misspelt_name_gets_a_suggestion(find_in_tasks: Any, library: DefinitionLibrary) -> None:
    (finding,) = find_in_tasks(_run("othre", "latest", "{customer: Ann}"), library=library)
    assert finding.remedy == "Did you mean `test/other`?"

    (finding,) = find_in_tasks(_run("monthly-fee", "latest", "{}"), library=library)
    assert finding.remedy == "Deploy it first."


def test_a_call_of_a_definition_says_how_it_is_run(
    find_in_tasks: Any, library: DefinitionLibrary
) -> None:
    for call in ("test/other", "other"):
        (finding,) = find_in_tasks(f"- a: {{call: {call}}}", library=library)
        assert finding.code == "E201"
        assert "run: {workflow: {namespace: test, name: other, version: latest}}" in finding.remedy

    (finding,) = find_in_tasks("- a: {call: another}", library=library)
    assert "run:" not in finding.remedy


BAD_NAMES = ["${ .n }", "..", "a/b", "../../x", "", "a b", "-a", "a" * 64, "x\n", "é", "nul:"]
BAD_VERSIONS = ["^1.0.0", ">=1.0", "1.x", "1.0", "..", "${ .v }", "1.0.0\n", f"1.0.0-{'a' * 200}"]
UNKEPT = ["1.0.0--", "1.0.0-a.ref"]
"""Versions after SemVer that no store keeps."""


@pytest.mark.parametrize(
    ("member", "value"),
    [
        *(("namespace", name) for name in BAD_NAMES),
        *(("name", name) for name in BAD_NAMES),
        *(("version", version) for version in BAD_VERSIONS),
    ],
)
def test_what_names_no_definition_is_found_where_it_stands(
    member: str, value: str, library: DefinitionLibrary
) -> None:
    checked = _checked(
        {"namespace": "test", "name": "other", "version": "1.0.0", member: value}, library
    )
    errors = [each for each in checked.findings if each.severity is Severity.ERROR]
    assert [(each.code, each.path) for each in errors] == [
        ("E113", f"/do/0/a/run/workflow/{member}")
    ]
    assert errors[0].remedy


def test_an_expression_that_names_a_definition_is_refused_with_a_way_out(
    library: DefinitionLibrary,
) -> None:
    checked = _checked({"namespace": "test", "name": "${ .n }", "version": "latest"}, library)
    (finding,) = checked.findings
    assert "is an expression" in finding.message
    assert "`switch`" in finding.remedy


@pytest.mark.parametrize("version", UNKEPT)
def test_a_version_that_no_store_keeps_is_not_there(
    version: str, library: DefinitionLibrary
) -> None:
    checked = _checked({"namespace": "test", "name": "other", "version": version}, library)
    assert [each.code for each in checked.findings] == ["E210"]


JUNK = st.one_of(
    st.sampled_from([*BAD_NAMES, *BAD_VERSIONS, *UNKEPT, "latest", "test", "other", "1.0.0"]),
    st.text(max_size=20),
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False),
    st.lists(st.text(max_size=3), max_size=2),
    st.dictionaries(st.text(max_size=3), st.text(max_size=3), max_size=2),
)


@settings(
    max_examples=150,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    st.dictionaries(st.sampled_from(["namespace", "name", "version", "input", "junk"]), JUNK) | JUNK
)
def test_whatever_run_workflow_holds_the_check_ends_with_findings(
    library: DefinitionLibrary, target: Any
) -> None:
    checked = _checked(target, library)
    assert checked.loaded is not None or checked.findings
    for finding in checked.findings:
        assert "None" not in finding.message or "None" in json.dumps(target)


def _checked(target: Any, library: DefinitionLibrary) -> Checked:
    head = {"dsl": "1.0.3", "namespace": "test", "name": "sample", "version": "0.1.0"}
    text = json.dumps({"document": head, "do": [{"a": {"run": {"workflow": target}}}]})
    return check(text, "f.json", Catalog(), library)


def test_without_a_library_no_target_is_looked_up(find_in_tasks: Any) -> None:
    assert find_in_tasks(_run("nothing", "1.0.0", "{}")) == []


def test_a_definition_that_runs_itself_is_checked_against_its_own_input(find: Any) -> None:
    found = find(
        """\
        input: {schema: {document: {type: object, required: [left]}}}
        do:
          - pause: {wait: PT1S}
          - again: {run: {workflow: {namespace: test, name: sample, version: 0.1.0, input: {}}}}
        """
    )

    assert [(each.code, each.path) for each in found] == [
        ("E211", "/do/1/again/run/workflow/input")
    ]
