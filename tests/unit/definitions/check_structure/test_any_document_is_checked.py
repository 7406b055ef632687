"""Documents made of the language's own words in any order: every check ends with findings."""

import json
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from definition_texts import HEAD
from tenuto.catalog.library.definitions.catalog import call_http, call_openapi, load, publish
from tenuto.catalog.registry import Catalog
from tenuto.definitions.check.whole import check
from tenuto.definitions.findings import Severity
from tenuto.definitions.tasks import COMMON, KINDS

MEMBERS = """
branches compete each in at while catch retry as when exceptWhen errors backoff
exponential limit attempt count duration delay jitter from to after seconds listen one any
all until foreach event type source correlate expect with use error status title workflow
namespace name version schema document resource method endpoint uri authentication basic
bearer headers query body $ref a b functions extensions secrets timeouts retries errors
schedule cron every then temporal activity taskQueue startToClose searchAttributes extend
before
"""
WORDS = [*KINDS, *COMMON, *MEMBERS.split()]
VALUES = [
    *(None, True, 0, -1, 1.5, "", "a", "b", "end", "continue", "http", "openapi", "grpc"),
    *("${ .a }", "${", "${ $secrets.a }", ".a[0]", "PT1S", "PT", "1.0.0", "latest", "all"),
    *("human.approval", "policy.check", "a:1@default", "https://x/{a}", "0 0 * * *", "$item"),
]
JSON = st.recursive(
    st.sampled_from(VALUES),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(WORDS), inner, max_size=4)
        | st.dictionaries(st.sampled_from(WORDS), inner, min_size=1, max_size=1).map(
            lambda item: [item]
        )
    ),
    max_leaves=25,
)
CATALOG = Catalog([call_http, call_openapi, load, publish])
SECTIONS = ["do", "use", "input", "output", "timeout", "schedule", "evaluate", "document", "x"]


def _sound(value: Any) -> None:
    checked = check(json.dumps(value), "f.json", CATALOG)
    assert checked.loaded is not None
    assert checked.loaded.value == value
    errors = [each for each in checked.findings if each.severity is Severity.ERROR]
    assert checked.is_runnable == (not errors)


@given(JSON)
@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
def test_any_value_is_checked(value: Any) -> None:
    _sound(value)


@given(st.dictionaries(st.sampled_from(SECTIONS), JSON, max_size=5))
@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
def test_any_sections_are_checked(sections: dict[str, Any]) -> None:
    _sound({"document": {"dsl": "1.0.3"}, **sections})


@given(
    st.lists(
        st.dictionaries(st.sampled_from([*KINDS, *COMMON, "catch", "while", "foreach"]), JSON),
        max_size=4,
    )
)
@settings(max_examples=120, suppress_health_check=[HealthCheck.too_slow])
def test_any_tasks_are_checked(bodies: list[dict[str, Any]]) -> None:
    tasks = [{f"t{index}": body} for index, body in enumerate(bodies)]
    head = {"dsl": "1.0.3", "namespace": "a", "name": "b", "version": "1.0.0"}
    _sound({"document": head, "do": tasks})


def test_the_head_that_other_tests_use_is_right() -> None:
    assert check(HEAD + "do: []", "f.yaml", CATALOG).findings == ()
