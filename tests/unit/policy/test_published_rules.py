"""`tenuto policy publish`: rules come into force as one, by whom the rules in force allow it."""

import asyncio
import contextlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tenuto.cli.policies import in_force
from tenuto.cli.policies.in_force import keep_in_force, rules_in_force
from tenuto.core.errors import CorruptError
from tenuto.engine.settings import load_settings
from tenuto.evidence.spool import Spool
from tenuto.policy.cedar import digest_of
from tenuto.policy.decision import PolicyEngine
from tenuto.testing import eventually

Run = Callable[..., Any]
RULE = '@id("{who}s") permit (principal == User::"u:{who}", action, resource);\n'
CASES = """
principals: {{ who: {{ id: "u:{who}" }} }}
resources: {{ policy: {{ type: Policy, id: policy }} }}
cases:
  - case: it publishes
    principal: who
    action: policy:publish
    resource: policy
    expect: allow
"""


@pytest.fixture
def folder(project: Path) -> Path:
    """A project with policy on; ann may do everything, and nobody else anything."""
    (project / "tenuto.toml").write_text('[policy]\nfolder = "policy"\n')
    (project / "policy").mkdir()
    write(project / "policy", "ann")
    return project / "policy"


def write(folder: Path, who: str) -> None:
    (folder / "rules.cedar").write_text(RULE.format(who=who))
    (folder / "rules.test.yaml").write_text(CASES.format(who=who))


def in_force_now() -> PolicyEngine:
    rules = rules_in_force(load_settings())
    assert rules is not None
    return rules


def test_an_edited_folder_changes_nothing_until_it_is_published(tenuto: Run, folder: Path) -> None:
    before = in_force_now().digest
    assert tenuto("policy", "publish", "--as", "u:ann").code == 0
    write(folder, "eve")
    assert in_force_now().digest == before
    refused = tenuto("policy", "publish", "--as", "u:eve")
    assert (refused.code, "policy.denied" in refused.err) == (1, True)
    done = tenuto("policy", "publish", "-m", "eve takes over", "--as", "u:ann", "--json")
    told = json.loads(done.out)
    assert (told["old"], told["published"]) == (before, True)
    assert in_force_now().digest == told["new"] != before
    again = tenuto("policy", "publish", "--as", "u:eve", "--json")
    assert json.loads(again.out)["published"] is False

    entries = Spool(load_settings().spool_path).take()
    changes = [each.data for each in entries if each.kind == "change"]
    assert [(each["principal"], each["reason"]) for each in changes] == [
        ("u:ann", ""),
        ("u:ann", "eve takes over"),
    ]
    texts: dict[Any, Any] = {
        each.data["digest"]: each.data["texts"] for each in entries if each.kind == "policy"
    }
    assert set(texts) == {before, told["new"]}
    assert all(digest_of(text) == digest for digest, text in texts.items())


@pytest.mark.parametrize(
    ("rules", "cases", "code"),
    [
        ('@id("a") permit (principal, action == Action::"nothing", resource);', CASES, "invalid"),
        (RULE.format(who="bob"), CASES, "cases-fail"),
        (RULE.format(who="ann"), "", "cases"),
    ],
)
def test_rules_that_are_wrong_or_untested_are_not_published(
    tenuto: Run, folder: Path, rules: str, cases: str, code: str
) -> None:
    assert tenuto("policy", "publish", "--as", "u:ann").code == 0
    before = in_force_now().digest
    (folder / "rules.cedar").write_text(rules)
    (folder / "rules.test.yaml").unlink()
    if cases:
        (folder / "rules.test.yaml").write_text(cases.format(who="ann"))
    refused = tenuto("policy", "publish", "--as", "u:ann")
    assert refused.code == 2
    assert f"policy.{code}]" in refused.err
    assert in_force_now().digest == before


def test_with_policy_off_there_is_nothing_to_publish(tenuto: Run, project: Path) -> None:
    refused = tenuto("policy", "publish", "--as", "u:ann")
    assert (refused.code, "policy.publish-off" in refused.err) == (2, True)


@pytest.mark.attack
def test_published_rules_that_somebody_changed_allow_nothing(tenuto: Run, folder: Path) -> None:
    tenuto("policy", "publish", "--as", "u:ann")
    (kept,) = folder.parent.glob(".tenuto/policy/sets/*/rules.cedar")
    kept.write_text(RULE.format(who="eve"))
    with pytest.raises(CorruptError) as altered:
        in_force_now()
    assert altered.value.code == "policy.altered"
    assert "policy.altered" in tenuto("policy", "publish", "--as", "u:eve").err
    (folder.parent / ".tenuto" / "policy" / "current").write_text("../../policy")
    with pytest.raises(CorruptError):
        in_force_now()


async def test_a_running_process_goes_by_what_was_published(
    tenuto: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(in_force, "LOOK_EVERY_S", 0.01)
    applied: list[PolicyEngine] = []
    watching = asyncio.create_task(keep_in_force(load_settings(), applied.append))
    await asyncio.sleep(0)
    await asyncio.to_thread(tenuto, "policy", "publish", "--as", "u:ann")

    def first() -> None:
        assert [each.digest for each in applied] == [in_force_now().digest]

    await eventually(first)
    (folder.parent / ".tenuto" / "policy" / "current").write_text("nonsense")

    def second() -> None:
        assert len(applied) == 2

    await eventually(second)
    assert applied[1].texts() == {}
    watching.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await watching
