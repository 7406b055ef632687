"""The rules that the pack and its demonstration ship load, and decide as they say."""

from pathlib import Path

import pytest

from tenuto.identity.principal import Principal
from tenuto.packs.agents import catalog
from tenuto.packs.agents.models import GovernedTaskRequest
from tenuto.policy.cedar import load_policy
from tenuto.policy.decision import Decision, Question, Resource

PACK = Path(catalog.__file__).parent
ANN = Principal(id="u:ann", groups=("g:desk",))
CLERK = Principal(id="a:clerk")


def decided(folder: Path, source: str, question: Question) -> Decision:
    (folder / "agents.cedar").write_text((PACK / source).read_text())
    schema = GovernedTaskRequest.model_json_schema()
    return load_policy(folder, {catalog.governed_task.name: schema}).decide(question)


def launching(*texts: str) -> Question:
    request = {"texts": list(texts), "agent": {"id": "a:clerk"}, "approvers": ["g:heads"]}
    return Question(
        principal=ANN,
        action="workflow:start",
        resource=Resource(
            type="WorkflowType", id=catalog.governed_task.name, attributes={"tags": []}
        ),
        context={"input": request},
    )


def calling(action: str, *, writes: bool = False, risk: int = 0, **context: object) -> Question:
    return Question.model_validate(
        {
            "principal": CLERK,
            "action": action,
            "resource": {
                "type": "Tool",
                "id": "t",
                "attributes": {"risk": risk, "writes": writes, "hosts": ["a.example"]},
            },
            "context": context,
        }
    )


@pytest.mark.attack
@pytest.mark.parametrize(
    ("texts", "rule"),
    [
        (("forbidden: rm -rf prod",), "agents-begins-with-forbidden"),
        (("fine", "FORBIDDEN fruit"), "agents-begins-with-forbidden"),
        (("please RM -RF /",), "agents-contains-rm-rf"),
    ],
)
def test_inv_5_both_kinds_of_rule_on_words_deny(
    tmp_path: Path, texts: tuple[str, ...], rule: str
) -> None:
    decision = decided(tmp_path, "policy.cedar", launching(*texts))
    assert not decision.allowed
    assert rule in {reason.rule for reason in decision.reasons}


def test_inv_5_what_merely_mentions_the_first_word_may_start(tmp_path: Path) -> None:
    decision = decided(tmp_path, "policy.cedar", launching("What is forbidden?"))
    assert decision.allowed, decision.sentence()


@pytest.mark.parametrize(
    ("question", "is_allowed"),
    [
        (calling("agent:tool", risk=5), True),
        (calling("agent:tool", risk=6), False),
        (calling("agent:tool", host="a.example", env="prod", steps=1, spent_usd="0.1"), True),
        (calling("agent:tool", host="evil.example"), False),
        (calling("agent:tool-unattended"), True),
        (calling("agent:tool-unattended", writes=True), False),
    ],
)
def test_rules_on_tools_decide_by_risk_host_and_writing(
    tmp_path: Path, question: Question, is_allowed: bool
) -> None:
    decision = decided(tmp_path, "policy.cedar", question)
    assert decision.allowed == is_allowed, decision.sentence()


def test_the_demonstrations_rules_load(tmp_path: Path) -> None:
    assert decided(tmp_path, "demo/rules.cedar", launching("Release order O-4711.")).allowed
    assert not decided(tmp_path, "demo/rules.cedar", launching("forbidden: rm")).allowed
