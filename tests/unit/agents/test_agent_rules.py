"""The rules that the pack and its demonstration ship load, and decide as they say."""

from decimal import Decimal
from pathlib import Path

from tenuto.identity.principal import Principal
from tenuto.packs.agents import catalog
from tenuto.packs.agents.handoffs import CheckedCall, Tool
from tenuto.packs.agents.models import GovernedTaskRequest
from tenuto.packs.agents.verdicts import call_context, visible_arguments
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


def test_a_rule_reads_an_arguments_name_and_value(tmp_path: Path) -> None:
    (tmp_path / "rules.cedar").write_text(
        '@id("tools") permit (principal, action == Action::"agent:tool", resource);'
        ' @id("no-etc") forbid (principal, action == Action::"agent:tool", resource)'
        ' when { context.text like "*\\nfolder\\n/etc*" };'
    )
    rules = load_policy(tmp_path, {})
    assert rules.decide(calling("agent:tool", input={"folder": "/srv", "name": "/etc"})).allowed
    denied = rules.decide(calling("agent:tool", input={"name": "x", "folder": "/ETC/ssh"}))
    assert [reason.rule for reason in denied.reasons] == ["no-etc"]


def test_rules_see_what_the_model_chose_and_what_is_fixed_and_not_the_key() -> None:
    tool = Tool.model_validate(
        {
            "name": "notify_file",
            "grant": {"activity": "notify.file", "fixed": {"folder": "/srv"}},
            "description": "",
            "chosen": ["name"],
            "writes": True,
            "has_key": True,
            "queue": "notify",
            "start_to_close": "PT1M",
            "schedule_to_start": None,
            "heartbeat": None,
            "retry": {
                "initial_interval": "PT1S",
                "backoff_coefficient": 2,
                "maximum_interval": None,
                "maximum_attempts": 1,
            },
        }
    )
    sent = {"folder": "/srv", "name": "a", "idempotency_key": "run/1"}
    seen = visible_arguments(tool, CheckedCall(arguments=sent))
    assert call_context("prod", "", Decimal(0), 1, seen)["input"] == {"folder": "/srv", "name": "a"}


def test_the_demonstrations_rules_load(tmp_path: Path) -> None:
    assert decided(tmp_path, "demo/rules.cedar", launching("Release order O-4711.")).allowed
    assert not decided(tmp_path, "demo/rules.cedar", launching("forbidden: rm")).allowed
