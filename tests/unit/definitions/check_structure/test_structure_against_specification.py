"""The specification's own examples and schema as oracles of the structural check."""

import copy
import json
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest

from specification_examples import EXAMPLES, OUTSIDE_THE_PROFILE, SUPPORTED, conformance
from tenuto.activities.definitions.pack import pack
from tenuto.core.yaml12 import read_yaml
from tenuto.definitions.check.structure import finding as structure
from tenuto.definitions.check.whole import check
from tenuto.definitions.findings import Severity
from tenuto.definitions.loaded import Loaded
from tenuto.engine.registration import load_catalog

pytestmark = pytest.mark.skipif(
    not conformance().is_dir(), reason="set TENUTO_CONFORMANCE to the specification's files"
)

REPLACEMENTS: list[Any] = [
    *(None, 5, 0.5, -1, True, "", "text", "${ .x }"),
    *([], {}, [1], ["x"], [{"a": 1}], {"nothing": 1}),
]


def test_there_are_examples_for_every_refusal() -> None:
    assert OUTSIDE_THE_PROFILE.keys() <= {path.stem for path in EXAMPLES}
    assert len(SUPPORTED) > 40


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_is_accepted_or_refused_by_its_code(path: Any) -> None:
    checked = check(path.read_bytes(), path.name, load_catalog([pack]))
    assert checked.loaded is not None
    errors = {each.code for each in checked.findings if each.severity is Severity.ERROR}
    assert errors == OUTSIDE_THE_PROFILE.get(path.stem, set()), checked.findings
    assert checked.is_runnable == (path.stem not in OUTSIDE_THE_PROFILE)


@pytest.fixture(scope="module")
def official() -> jsonschema_rs.Draft202012Validator:
    text = (conformance() / "schema" / "workflow.yaml").read_text()
    return jsonschema_rs.Draft202012Validator(read_yaml(text, "workflow.yaml"), offline=True)


@pytest.mark.parametrize("path", SUPPORTED, ids=lambda path: path.stem)
def test_what_the_specifications_schema_refuses_is_refused_here(
    path: Any, official: jsonschema_rs.Draft202012Validator
) -> None:
    value = read_yaml(path.read_text(), path.name)
    assert official.is_valid(value)
    tried = 0
    for description, changed in _changed(value):
        if not official.is_valid(changed):
            tried += 1
            assert _has_error(changed), description
    assert tried > 100


def _has_error(value: Any) -> bool:
    loaded = Loaded(file="f.yaml", text="", value=value, spans={})
    return any(each.severity is Severity.ERROR for each in structure.find(loaded))


def _changed(value: Any) -> Iterator[tuple[str, Any]]:
    """The document with one part replaced, taken away, renamed, or given a neighbour."""
    for path in _paths(value):
        for replacement in REPLACEMENTS:
            changed = copy.deepcopy(value)
            _parent(changed, path)[path[-1]] = replacement
            yield f"{path} = {json.dumps(replacement)}", changed
        changed = copy.deepcopy(value)
        del _parent(changed, path)[path[-1]]
        yield f"{path} taken away", changed
        if isinstance(path[-1], str):
            changed = copy.deepcopy(value)
            parent = _parent(changed, path)
            parent[path[-1] + "x"] = parent.pop(path[-1])
            yield f"{path} renamed", changed
            changed = copy.deepcopy(value)
            _parent(changed, path)["unknown"] = {}
            yield f"{path} with an unknown neighbour", changed


def _paths(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else ()
    for key, each in enumerate(value) if isinstance(value, list) else inner:
        yield (*at, key)
        yield from _paths(each, (*at, key))


def _parent(value: Any, path: tuple[Any, ...]) -> Any:
    for key in path[:-1]:
        value = value[key]
    return value
