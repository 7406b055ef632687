"""What a digest depends on, and the order of versions."""

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from compiled_plans import CATALOG, definition, plan_of, value_of
from tenuto.core.errors import UsageError
from tenuto.definitions.compiling import compile_plan
from tenuto.definitions.digest import digest_of
from tenuto.definitions.plan import Plan
from tenuto.definitions.versions import precedence

TEXT = """\
document: {dsl: '1.0.3', namespace: n, name: w, version: 1.0.0}
do:
  - ask:
      call: prices.fetch_close
      with: {fund: DEMO, day: '${ .day }'}
      output: {as: .value}
  - choose:
      switch:
        - a: {when: .x, then: end}
        - b: {then: continue}
"""

SAME = """\
# A comment.
do:
- ask:
    output:
        as: "${ .value }"
    with:
        day: "${ .day }"
        fund: "DEMO"
    call: "prices.fetch_close"
- choose: {"switch": [{"a": {"then": "end", "when": "${.x}"}}, {"b": {"then": "continue"}}]}
document:
  version: "1.0.0"
  name: w
  namespace: n
  dsl: 1.0.3
"""


def test_formatting_order_and_comments_do_not_count() -> None:
    plans = [compile_plan(value_of(text), CATALOG) for text in (TEXT, SAME)]
    assert plans[0] == plans[1]
    assert digest_of(plans[0]) == digest_of(plans[1])
    assert len(digest_of(plans[0])) == 64


def test_what_changes_a_run_counts() -> None:
    texts = [TEXT, TEXT.replace("DEMO", "OTHER"), TEXT.replace("then: end", "then: exit")]
    assert len({digest_of(compile_plan(value_of(text), CATALOG)) for text in texts}) == 3


def test_a_plan_that_travelled_has_its_digest() -> None:
    plan = plan_of({"a": {"set": {"x": 1.5, "y": "ü", "z": [None, True]}}})
    assert digest_of(Plan.model_validate_json(plan.model_dump_json())) == digest_of(plan)


SCALARS = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=10)
DATA: st.SearchStrategy[Any] = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=4)
    ),
    max_leaves=10,
)


@given(st.dictionaries(st.text(max_size=5), DATA, max_size=5), st.randoms(use_true_random=False))
def test_the_order_of_keys_never_counts(data: dict[str, JsonValue], chance: random.Random) -> None:
    written = definition({"a": {"set": data}}, {"b": {"call": "prices.middle", "with": data}})
    other = _shuffled(written, chance)
    digests = {digest_of(compile_plan(each, CATALOG)) for each in (written, other)}
    assert len(digests) == 1


def _shuffled(value: JsonValue, chance: random.Random) -> JsonValue:
    if isinstance(value, list):
        return [_shuffled(each, chance) for each in value]
    if isinstance(value, dict):
        pairs = [(key, _shuffled(each, chance)) for key, each in value.items()]
        chance.shuffle(pairs)
        return dict(pairs)
    return value


def test_versions_have_the_order_of_semver() -> None:
    # The order that semver.org/spec/v2.0.0.html gives in its items 11.2 to 11.4.
    ordered = [
        *("1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2"),
        *("1.0.0-beta.11", "1.0.0-rc.1", "1.0.0", "2.0.0", "2.1.0", "2.1.1", "2.10.0", "10.0.0"),
    ]
    assert sorted(sorted(ordered), key=precedence) == ordered


@pytest.mark.parametrize(
    "text", ["1.0", "v1.0.0", "01.0.0", "1.0.0-", "1.0.0 ", "latest", "1.0.0-ü"]
)
def test_other_versions_are_refused(text: str) -> None:
    with pytest.raises(UsageError) as refused:
        precedence(text)
    assert refused.value.code == "definition.bad-version"
