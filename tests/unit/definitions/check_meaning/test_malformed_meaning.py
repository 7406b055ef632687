"""Malformed parts are other checks' findings: here they are passed over, and nothing raises."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import JsonValue

from tenuto.catalog.registry import Catalog
from tenuto.definitions.check import meaning
from tenuto.definitions.loaded import Loaded

_JUNK = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from(
        ["", "${ .a }", "${ . | }", "x ${ y", ".a.b", "PT1S", "P", "$secrets.a", "~/"]
    ),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["use", "with", "in", "a~/b", "document", "as"]), inner)
    ),
    max_leaves=6,
)

_WHOLE: dict[str, JsonValue] = {
    "document": {
        "namespace": "test",
        "name": "sample",
        "version": "1.0.0",
        "metadata": {
            "searchAttributes": {"TenutoSubject": "x"},
            "temporal": {"schedule": {"timeZone": "UTC", "jitter": "PT1S"}},
        },
    },
    "input": {"schema": {"document": {"type": "object", "properties": {"a": {}}}}, "from": ".a"},
    "schedule": {"every": "PT1H", "cron": "0 0 * * *"},
    "timeout": "t",
    "use": {
        "secrets": ["s"],
        "timeouts": {"t": {"after": "PT1S"}},
        "functions": {"f": {"input": {"schema": {"document": {}}}, "set": "${ . }"}},
        "authentications": {"x": {"bearer": {"token": "${ $secrets.s }"}}},
        "retries": {"r": {"when": ".a", "delay": "PT1S"}},
        "errors": {"e": {"type": "x", "title": "${ . }"}},
    },
    "do": [
        {"call": {"call": "nav.strike:1.0.0@default", "with": {"fund": "ATLAS"}}},
        {"function": {"call": "f", "with": {"a": "${ .nav }"}}},
        {"ask": {"call": "human.approval", "with": {"title": "t", "approvers": ["u:a"]}}},
        {
            "foreign": {
                "call": "x",
                "metadata": {"temporal": {"activity": "A", "taskQueue": "q", "retry": {}}},
            }
        },
        {"do": {"do": [{"wait": {"wait": {"seconds": 1}, "timeout": {"after": "PT2S"}}}]}},
        {"emit": {"emit": {"event": {"with": {"type": "t", "data": "${ . }"}}}}},
        {"loop": {"for": {"each": "i", "in": ".a"}, "while": ".b", "do": [{"s": {"set": "x"}}]}},
        {"fork": {"fork": {"compete": False, "branches": [{"s": {"set": {}}}]}}},
        {"listen": {"listen": {"to": {"one": {"with": {"type": "t"}}}}, "output": {"as": ".a"}}},
        {"run": {"run": {"workflow": {"namespace": "test", "name": "sample", "version": "1.0.0"}}}},
        {"switch": {"switch": [{"one": {"when": ".a", "then": "set"}}, {"two": {"then": "end"}}]}},
        {
            "try": {
                "try": [{"r": {"raise": {"error": "e"}}}],
                "catch": {"as": "e", "when": "$e", "retry": "r", "do": [], "then": "set"},
            }
        },
        {"set": {"set": {"x": 1}, "export": {"as": "$context + ."}, "if": ".x", "then": "call"}},
    ],
}


def _places(value: JsonValue, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path]
    if isinstance(value, dict | list):
        members = value.items() if isinstance(value, dict) else enumerate(value)
        for key, member in members:
            found += _places(member, (*path, key))
    return found


def _replaced(value: JsonValue, path: tuple[Any, ...], new: JsonValue) -> JsonValue:
    if not path:
        return new
    if isinstance(value, dict):
        return {k: _replaced(v, path[1:], new) if k == path[0] else v for k, v in value.items()}
    assert isinstance(value, list)
    return [_replaced(v, path[1:], new) if k == path[0] else v for k, v in enumerate(value)]


def _loaded(value: JsonValue) -> Loaded:
    return Loaded(file="junk.yaml", text="", value=value, spans={})


@settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(path=st.sampled_from(_places(_WHOLE)), junk=_JUNK)
def test_any_part_may_be_anything(catalog: Catalog, path: tuple[Any, ...], junk: JsonValue) -> None:
    for finding in meaning.find(_loaded(_replaced(_WHOLE, path, junk)), catalog):
        assert finding.line >= 1
        assert finding.message


@pytest.mark.parametrize("value", [None, [], "x", {}, {"do": None}, {"do": {"a": {}}}])
def test_what_is_no_definition_has_no_meaning_to_check(value: JsonValue) -> None:
    assert meaning.find(_loaded(value), Catalog()) == []
