"""The profile names every element of the specification's schema, and what becomes of it."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from conformance.kit import ABSENT, conformance_folder
from tenuto.app import project_catalog
from tenuto.core.yaml12 import read_yaml
from tenuto.definitions.check.every_code import CODES
from tenuto.definitions.check.whole import check
from tenuto.definitions.profile import GROUPS
from tenuto.engine.settings import Settings

FOLDER = conformance_folder()
PAGE = Path(__file__).parents[2] / "docs" / "reference" / "definitions.md"


def elements_of(node: Any, path: str = "") -> Iterator[str]:
    """Every property below a node of the schema, without following references."""
    if not isinstance(node, dict):
        return
    for name, inner in node.get("properties", {}).items():
        at = f"{path}.{name}" if path else name
        yield at
        if isinstance(inner, dict) and "$ref" not in inner:
            yield from elements_of(inner, at)
    for word in ("oneOf", "anyOf", "allOf"):
        for inner in node.get(word, []):
            yield from elements_of(inner, path)
    yield from elements_of(node.get("items"), f"{path}[]")
    yield from elements_of(node.get("additionalProperties"), f"{path}.*")


@pytest.mark.skipif(FOLDER is None, reason=ABSENT)
def test_every_element_of_the_schema_is_supported_or_refused() -> None:
    assert FOLDER is not None
    schema = read_yaml((FOLDER / "schema" / "workflow.yaml").read_text(), "workflow.yaml")
    expected = {("", each) for each in elements_of(schema)}
    for name, definition in schema["$defs"].items():
        expected |= {(name, each) for each in elements_of(definition)}
    listed = {(group.schema, each.path) for group in GROUPS for each in group.elements}
    assert listed == expected


def test_the_first_example_is_right() -> None:
    example = re.findall(r"```yaml\n(.*?)```", PAGE.read_text(), re.DOTALL)[0]
    checked = check(example, "example.yaml", project_catalog(Settings(root=PAGE.parent)))
    assert checked.findings == ()


def test_an_element_is_listed_once() -> None:
    for group in GROUPS:
        paths = [each.path for each in group.elements]
        assert len(paths) == len(set(paths)), group.name


def test_what_is_refused_is_refused_with_a_code_that_exists() -> None:
    assert {each.refused for group in GROUPS for each in group.elements} - {None} <= set(CODES)
