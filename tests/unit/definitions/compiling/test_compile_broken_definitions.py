"""A definition broken anywhere either compiles to a plan or is refused with a code."""

import copy
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from compiled_plans import CATALOG, definition
from tenuto.core.canonical import canonical_json
from tenuto.core.errors import UsageError
from tenuto.definitions.compiling import compile_plan
from tenuto.definitions.plan import Plan

WHOLE = definition(
    {"a": {"call": "f", "with": {"fund": "${ .x }"}, "if": ".y", "timeout": "short"}},
    {
        "b": {
            "try": [
                {
                    "c": {
                        "call": "http",
                        "with": {
                            "method": "get",
                            "endpoint": {"uri": "https://e/{x}", "authentication": {"use": "desk"}},
                        },
                    }
                },
                {"d": {"raise": {"error": "no"}}},
            ],
            "catch": {
                "errors": {"with": {"type": "https://e/x"}},
                "retry": "patient",
                "do": [{"e": {"emit": {"event": {"with": {"type": "t"}}}}}],
            },
        }
    },
    {
        "g": {
            "for": {"in": ".rows", "each": "r"},
            "while": ".z",
            "do": [{"h": {"wait": {"seconds": 1}}}],
        }
    },
    {"i": {"fork": {"branches": [{"j": {"run": {"workflow": {"namespace": "n", "name": "w"}}}}]}}},
    {"k": {"listen": {"to": {"one": {"with": {"type": "t"}, "correlate": {"q": {"from": ".q"}}}}}}},
    {"l": {"switch": [{"m": {"when": ".a", "then": "n"}}]}},
    {
        "n": {
            "call": "prices.fetch_close",
            "metadata": {
                "temporal": {
                    "retry": {"maximumAttempts": 2},
                    "startToClose": "PT1S",
                    "priority": 1,
                },
                "searchAttributes": {"A": 1},
            },
            "input": {"schema": {"document": {}}, "from": ".a"},
            "output": {"as": ".b"},
            "export": {"as": {"c": 1}},
        }
    },
    {
        "o": {
            "call": "openapi",
            "with": {"document": {"endpoint": "https://e/"}, "operationId": "x"},
        }
    },
    input={"from": ".body"},
    timeout={"after": "PT1H"},
    use={
        "functions": {"f": {"set": {"a": 1}}},
        "timeouts": {"short": {"after": "PT1S"}},
        "errors": {"no": {"type": "https://e/no", "status": 500}},
        "retries": {
            "patient": {
                "delay": "PT1S",
                "limit": {"attempt": {"count": 2}},
                "backoff": {"linear": {}},
                "jitter": {"from": "PT1S", "to": "PT2S"},
            }
        },
        "authentications": {"desk": {"basic": {"username": "u", "password": "${ $secrets.p }"}}},
        "extensions": [
            {
                "x": {
                    "extend": "call",
                    "when": ".w",
                    "before": [{"y": {"set": {}, "then": "exit"}}],
                    "after": [{"z": {"set": {}}}],
                }
            }
        ],
    },
)


def places(value: JsonValue, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inside: list[tuple[Any, JsonValue]] = []
    if isinstance(value, dict):
        inside = list(value.items())
    elif isinstance(value, list):
        inside = list(enumerate(value))
    return [path, *(each for key, member in inside for each in places(member, (*path, key)))]


PLACES = [place for place in places(WHOLE) if place]
JUNK: st.SearchStrategy[Any] = st.sampled_from(
    [
        None,
        True,
        0,
        -1,
        1.5,
        "",
        "x",
        "${ .x }",
        "$secrets",
        [],
        {},
        [1],
        [[]],
        {"a": 1},
        [{"a": {}}],
    ]
)


def broken(place: tuple[Any, ...], junk: Any, *, is_removed: bool) -> JsonValue:
    value: Any = copy.deepcopy(WHOLE)
    parent = value
    for key in place[:-1]:
        parent = parent[key]
    if is_removed:
        del parent[place[-1]]
    else:
        parent[place[-1]] = junk
    changed: JsonValue = value
    return changed


def test_the_whole_definition_compiles() -> None:
    plan = compile_plan(WHOLE, CATALOG)
    assert Plan.model_validate_json(canonical_json(plan)) == plan


def refusal(value: JsonValue) -> UsageError | None:
    """How it is refused; None where it compiles to a plan that can be stored."""
    try:
        plan = compile_plan(value, CATALOG)
    except UsageError as refused:
        return refused
    assert Plan.model_validate_json(canonical_json(plan)) == plan
    return None


@given(st.sampled_from(PLACES), JUNK, st.booleans())
def test_whatever_is_broken_is_refused_with_a_code_and_a_place_or_compiles(
    place: tuple[Any, ...], junk: Any, is_removed: bool
) -> None:
    refused = refusal(broken(place, junk, is_removed=is_removed))
    if refused is not None:
        assert refused.code.startswith("definition.")
        assert "path" in refused.details


@given(
    st.recursive(JUNK, lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=5), inner))
)
def test_what_is_no_definition_at_all_is_refused(value: JsonValue) -> None:
    refused = refusal(value)
    assert refused is not None
    assert refused.code == "definition.unchecked"
