"""`tenuto policy`: from copied rules to what a change of them would change."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rule_desk import ask, task

Run = Callable[..., Any]
MINE = ("--as", "u:cara", "--groups", "g:fund-ops")


def test_the_copied_rules_are_right_tested_and_covered(tenuto: Run, project: Path) -> None:
    copied = tenuto("policy", "init")
    assert copied.code == 0
    assert str(Path("policy/tasks.cedar")) in copied.out.splitlines()
    assert 'folder = "policy"' in copied.err
    assert tenuto("policy", "check").code == 0
    assert tenuto("policy", "test").code == 0
    again = tenuto("policy", "init")
    assert again.code == 2
    assert "nothing is written over" in again.err


def test_check_tells_every_mistake_with_its_place(tenuto: Run, project: Path) -> None:
    (project / "rules").mkdir()
    (project / "rules" / "a.cedar").write_text(
        "permit (principal, action, resource);\npermit (x;\n"
    )
    found = tenuto("policy", "check", "rules", "--json")
    assert found.code == 2
    assert [(each["line"], each["column"], each["code"]) for each in json.loads(found.out)] == [
        (1, 1, "id"),
        (2, 10, "syntax"),
    ]
    assert "a.cedar:2:10: syntax:" in tenuto("policy", "check", "rules").out
    assert tenuto("policy", "show", "rules").code == 2


def test_a_case_that_fails_says_what_the_answer_is(tenuto: Run, project: Path) -> None:
    tenuto("policy", "init")
    cases = project / "policy" / "texts.test.yaml"
    cases.write_text(cases.read_text().replace("not forbidden", "forbidden"))
    failed = tenuto("policy", "test")
    assert failed.code == 1
    assert "an ordinary input: expected allow, but it is deny: forbidden by" in failed.out
    refused = tenuto("policy", "coverage")
    assert (refused.code, "policy.cases-fail" in refused.err) == (2, True)


def test_coverage_names_a_rule_that_nothing_tests(tenuto: Run, project: Path) -> None:
    folder = project / "policy"
    folder.mkdir()
    (folder / "a.cedar").write_text(
        '@id("read") permit (principal, action == Action::"run:read", resource);\n'
        '@id("stop") permit (principal, action == Action::"run:cancel", resource is Run);\n'
    )
    (folder / "a.test.yaml").write_text(
        "principals: { ann: { id: u:ann } }\n"
        "resources: { run: { type: Run, id: r, attributes: { type: T, started_by: null } } }\n"
        "cases: [{ case: read, principal: ann, action: 'run:read', resource: run,"
        " expect: allow }]\n"
    )
    found = tenuto("policy", "coverage", "--json")
    assert found.code == 1
    assert {each["rule"] for each in json.loads(found.out)["unnoticed"]} == {"stop"}
    assert tenuto("policy", "coverage", "--threshold", "40").code == 0


def test_explain_says_which_rules_decide(tenuto: Run, project: Path) -> None:
    tenuto("policy", "init")
    who = ("--as", "u:olga", "--groups", "g:operators")
    fields = ("-f", "title=Sign", "-f", "candidates=g:desk", "-f")
    allowed = tenuto("policy", "explain", "--start", "human-task", *fields, "kind=x", *who)
    assert (allowed.code, "permit `operators-start`" in allowed.out) == (0, True), allowed
    denied = tenuto(
        "policy", "explain", "--start", "human-task", *fields, "subject=Forbidden x", *who, "--json"
    )
    assert denied.code == 1
    told = json.loads(denied.out)
    assert (told["answer"], told["reasons"][0]["rule"]) == ("deny", "starts-with-forbidden")


def test_explain_takes_any_question(tenuto: Run, project: Path) -> None:
    tenuto("policy", "init")
    question = ask("task:decide", task(requester="u:cara"), who="u:cara", groups=("g:desk",))
    (project / "q.json").write_text(question.model_dump_json())
    denied = tenuto("policy", "explain", "--question", "q.json")
    assert (denied.code, "four-eyes" in denied.out) == (1, True)
    typed = tenuto(
        "policy", "explain", "--action", "keys:rotate", "--resource", "Keys:decisions", *MINE
    )
    assert (typed.code, typed.out.strip()) == (1, "deny: no rule permits it")
    assert tenuto("policy", "explain", "--action", "keys:rotate").code == 2


def test_explain_helps_to_ask(tenuto: Run, project: Path) -> None:
    tenuto("policy", "init")
    unknown = tenuto("policy", "explain", "--action", "keys:rotat", "--resource", "Keys:x", *MINE)
    assert (unknown.code, "did you mean `keys:rotate`?" in unknown.err) == (2, True)
    bare = tenuto("policy", "explain", "--action", "task:decide", "--resource", "HumanTask:t")
    assert (bare.code, "`--attribute NAME=VALUE`" in bare.err) == (1, True)


def test_diff_lists_the_decisions_that_would_change(tenuto: Run, project: Path) -> None:
    tenuto("policy", "init", "old")
    tenuto("policy", "init", "new")
    rules = project / "new" / "tasks.cedar"
    rules.write_text(rules.read_text().replace("100000000.0", "1000.0"))
    asked = [
        ask("task:decide", task(amount=amount), who="u:cara")
        for amount in ("1000", "1000.01", "100000000.01")
    ]
    lines = [question.model_dump_json() for question in asked]
    incomplete = json.dumps({**json.loads(lines[0]), "question": "0" * 64})
    (project / "asked.jsonl").write_text("\n".join([*lines, lines[1], incomplete]))
    found = tenuto("policy", "diff", "old", "new", "--decisions", "asked.jsonl", "--json")
    assert found.code == 7
    (change,) = json.loads(found.out)
    assert change["resource"] == "HumanTask:task/1"
    assert "large-amounts" in change["new"]
    same = tenuto("policy", "diff", "old", "old", "--decisions", "asked.jsonl")
    assert same.code == 0
    assert "1 records hold too little" in same.err


def test_diff_reads_what_the_gate_wrote_down(tenuto: Run, project: Path) -> None:
    from tenuto.evidence.spool import Spool
    from tenuto.policy.cedar import CedarPolicy
    from tenuto.triggers.gate.records import told

    tenuto("policy", "init", "old")
    tenuto("policy", "init", "new")
    rules = project / "new" / "tasks.cedar"
    rules.write_text(
        rules.read_text().replace("resource.candidates.containsAny(principal.words)", "false")
    )
    policy = _policy(project / "old")
    assert isinstance(policy, CedarPolicy)
    question = ask("task:claim", task(), who="u:cara")
    spool = Spool(project / ".tenuto" / "spool")
    spool.append("decision", told(question, policy.decide(question)))
    found = tenuto("policy", "diff", "old", "new")
    assert (found.code, "u:cara task:claim HumanTask:task/1" in found.out) == (7, True), found


def _policy(folder: Path) -> object:
    from tenuto.cli.policies.rulebook import open_rulebook

    return open_rulebook(folder).policy


def test_show_tells_the_digest_and_the_schema(tenuto: Run, project: Path) -> None:
    tenuto("policy", "init")
    shown = json.loads(tenuto("policy", "show", "--json").out)
    assert len(shown["digest"]) == 64
    assert {"four-eyes", "nav-signed-off"} <= {each["id"] for each in shown["rules"]}
    assert '"workflow:start/daily-nav"' in tenuto("policy", "show", "--schema").out


def test_without_a_folder_it_says_how_to_get_one(tenuto: Run) -> None:
    refused = tenuto("policy", "check")
    assert (refused.code, "tenuto policy init" in refused.err) == (2, True)
