"""`run.workflow`: what there is to run, and what it takes."""

from pathlib import Path
from typing import Any

import pytest

from tenuto.artifacts.store import ArtifactStore
from tenuto.catalog.registry import Catalog
from tenuto.core.yaml12 import read_yaml
from tenuto.definitions.compiling import compile_plan
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
