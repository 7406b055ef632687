"""The rules that come with Tenuto and its packs do what their tests say, and the tests notice."""

from pathlib import Path

import pytest

from rule_desk import rules_in
from tenuto.cli.policies.bundle import copy_bundle
from tenuto.cli.policies.rulebook import Rulebook, open_rulebook
from tenuto.policy.cases import Check
from tenuto.policy.cedar import Grammar
from tenuto.policy.mutants import coverage


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Rulebook:
    folder = tmp_path_factory.mktemp("shipped") / "policy"
    copy_bundle(folder)
    return open_rulebook(folder)


def test_they_load_and_every_case_passes(shipped: Rulebook) -> None:
    assert shipped.findings == ()
    assert shipped.failures() == []
    assert len(shipped.checks) > 100


def test_a_test_notices_every_change_of_every_rule(shipped: Rulebook) -> None:
    found = coverage(shipped.grammar, shipped.policy, shipped.checks)
    assert [f"{each.rule.id}: {each.change}" for each in found.survived] == []
    assert len(found.killed) > 150


def test_changes_that_no_test_notices_are_told(shipped: Rulebook) -> None:
    one = Grammar({}, {})
    rules, _ = one.read(
        {
            "a.cedar": '@id("own") permit (principal, action, resource is Run)'
            " when { resource has started_by && resource.started_by == principal.id };"
        }
    )
    fewer = [each for each in shipped.checks if each.case.case == "who started it reads it"]
    found = coverage(one, one.policy(rules), [_without_reasons(each) for each in fewer])
    assert [each.change for each in found.survived] == [
        "without its 'when' number 1",
        "only the left side of a `&&`",
    ]
    assert [each.change for each in found.killed] == [
        "taken out",
        "`permit` is `forbid`",
    ]


def _without_reasons(check: Check) -> Check:
    return check.model_copy(update={"case": check.case.model_copy(update={"because": None})})


def test_the_digest_names_the_rules_and_not_their_comments(tmp_path: Path) -> None:
    rule = '@id("a") permit (principal, action == Action::"task:read", resource);'
    first = rules_in(tmp_path, rule).digest
    assert rules_in(tmp_path, f"// told\n{rule}").digest == first
    assert rules_in(tmp_path, rule.replace("read", "claim")).digest != first
    assert rules_in(tmp_path, rule.replace('"a"', '"b"')).digest != first
