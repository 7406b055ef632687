"""The text of rules is kept where it is the text that the digest names, and only there."""

from pathlib import Path

import pytest
from pydantic import JsonValue

from ledger_room import START, ledger_at
from tenuto.activities.evidence.spooled import spooled_entry
from tenuto.cli.audit.policies import rules_named
from tenuto.evidence.spool import SpoolEntry
from tenuto.policy.cedar import CedarPolicy, digest_of, load_policy

RULES = """// why
@id("one")
permit (principal, action == Action::"run:read", resource);

@id("two") @reason("no;thing")
forbid (principal, action, resource) when { principal == User::"u:eve" };
"""


@pytest.fixture
def policy(tmp_path: Path) -> CedarPolicy:
    (tmp_path / "b.cedar").write_text(RULES)
    (tmp_path / "a.cedar").write_text(RULES.replace("one", "three").replace("two", "four"))
    return load_policy(tmp_path, {"order": {"properties": {"name": {"type": "string"}}}})


def spooled(**data: JsonValue) -> SpoolEntry:
    return SpoolEntry(id="x", t=START, kind="policy", data=data)


def test_a_policys_texts_have_its_digest(policy: CedarPolicy) -> None:
    assert digest_of(policy.texts()) == policy.digest


def test_genuine_texts_become_a_policy_of_the_ledger(policy: CedarPolicy, tmp_path: Path) -> None:
    ledger = ledger_at(tmp_path / "ledger")
    texts: dict[str, JsonValue] = dict(policy.texts())
    entry = spooled_entry(spooled(digest=policy.digest, texts=texts), ledger)
    assert (entry.kind, entry.data["digest"]) == ("policy", policy.digest)
    assert b"no;thing" in ledger.blob(entry.blobs[0])


@pytest.mark.attack
@pytest.mark.parametrize("lie", ["other rule", "other schema", "no text", "no rule"])
def test_other_texts_are_no_policy(policy: CedarPolicy, tmp_path: Path, lie: str) -> None:
    texts: dict[str, JsonValue] = dict(policy.texts())
    if lie == "other rule":
        texts["a.cedar"] = str(texts["a.cedar"]).replace("u:eve", "u:ann")
    elif lie == "other schema":
        texts["tenuto.cedarschema"] = f"{texts['tenuto.cedarschema']} "
    else:
        texts = {} if lie == "no text" else {"a.cedar": "permit ("}
    entry = spooled_entry(spooled(digest=policy.digest, texts=texts), ledger_at(tmp_path / "l"))
    assert (entry.kind, entry.data["what"]) == ("change", "policy")


def test_a_rule_is_found_by_its_name(policy: CedarPolicy) -> None:
    ((file, text),) = rules_named(policy.texts(), ["two"])
    assert file == "b.cedar"
    assert text.startswith('@id("two")')
    assert text.endswith("};")
