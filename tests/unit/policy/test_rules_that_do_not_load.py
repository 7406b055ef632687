"""A rule with a mistake does not load; each mistake is told with its place and what to do."""

from pathlib import Path

import pytest

from rule_desk import findings_in, rules_in

TASK = 'permit (principal, action == Action::"task:decide", resource)'
START = 'permit (principal, action == Action::"workflow:start/pay", resource)'


@pytest.mark.parametrize(
    ("rule", "code", "place", "remedy"),
    [
        (
            f"{START}\nwhen {{ context.input.amuont > 1 }};",
            "unknown-attribute",
            (3, 22),
            "`amount`",
        ),
        (
            f'{TASK}\nwhen {{ resource.requester == "x" }};',
            "optional-attribute",
            (3, 17),
            "has requester",
        ),
        (
            'permit (principal, action == Action::"task:devide", resource);',
            "unknown-action",
            (2, 38),
            "`task:decide`",
        ),
        (
            'permit (principal is HumanTask, action == Action::"task:decide", resource);',
            "impossible",
            (2, 1),
            "head",
        ),
        (f'{TASK}\nwhen {{ resource.risk > "x" }};', "type", (3, 1), "one type"),
        (f'{START}\nwhen {{ context.input.kind == "gfit" }};', "unknown-value", (3, 30), "`gift`"),
    ],
    ids=["attribute", "optional", "action", "principal", "type", "enumeration"],
)
def test_each_of_six_planted_mistakes_is_found(
    tmp_path: Path, rule: str, code: str, place: tuple[int, int], remedy: str
) -> None:
    (found,) = findings_in(tmp_path, f'@id("wrong")\n{rule}')
    assert (found["code"], (found["line"], found["column"])) == (code, place)
    assert remedy in found["remedy"]
    assert (found["file"], found["rule"]) == ("rules.cedar", "wrong")


@pytest.mark.parametrize(
    ("rules", "code"),
    [
        (f"{TASK};", "id"),
        (f'@id("Not a name") {TASK};', "id"),
        (f'@id("a") {TASK};\n@id("a") {TASK};', "id-taken"),
        (f'@id("a") @because("x") {TASK};', "annotation"),
        (f'@id("a") @requires_approval("two people") {TASK};', "annotation"),
        (f'@id("a") @redact("../x") {TASK};', "annotation"),
        (f'@id("a") @redact("x") {TASK.replace("permit", "forbid")};', "annotation"),
        ('@id("a") permit (principal in Group::"desk", action, resource);', "name"),
        ('@id("a") permit (principal == User::"u:Ann", action, resource);', "name"),
        (
            '@id("a") permit (principal, action == Action::"workflow:start", resource);',
            "start-group",
        ),
        (f'@id("a") {TASK} when {{ context has inptu }};', "unknown-attribute"),
        (f'@id("a") {TASK} when {{ ["oidcc"].contains(context.call.method) }};', "unknown-value"),
        ('@id("a") permit (principal == ?principal, action, resource);', "syntax"),
        ('@id("a") permit (principal, action, resource', "syntax"),
    ],
)
def test_what_would_only_never_fire_is_found_too(tmp_path: Path, rules: str, code: str) -> None:
    assert [each["code"] for each in findings_in(tmp_path, rules)] == [code]


def test_every_mistake_of_every_rule_is_told_at_once(tmp_path: Path) -> None:
    rules = f"""// a comment; with a semicolon
@id("good") {TASK} when {{ resource.kind == "a;b" }};
{TASK};
@id("broken")
permit (principal action, resource);
"""
    places = [(each["code"], each["line"], each["column"]) for each in findings_in(tmp_path, rules)]
    assert places == [("id", 3, 1), ("syntax", 5, 19)]


def test_the_input_of_each_workflow_is_typed_by_itself(tmp_path: Path) -> None:
    limit = 'context.input.limit.greaterThan(decimal("1.0"))'
    typed = {"type": "object", "properties": {"limit": {"type": "number"}}, "required": ["limit"]}
    head = '@id("a") forbid (principal, action == Action::"workflow:start/lend", resource)'
    rule = f"{head} when {{ {limit} }};"
    rules_in(tmp_path, rule, lend=typed)
    found = findings_in(tmp_path, rule.replace("lend", "pay"))
    assert [each["code"] for each in found] == ["unknown-attribute"]
    group = rule.replace(
        'action == Action::"workflow:start/lend"', 'action in Action::"workflow:start"'
    )
    asked = group.replace("when {", "when { context has input && context.input has limit &&")
    rules_in(tmp_path, asked, lend=typed)
