"""Texts as other tools write their templates: no error, but nothing fills them in either."""

from typing import Any

import pytest

from tenuto.definitions.check.expressions.foreign_templates import bare_remedy, foreign


@pytest.mark.parametrize(
    ("text", "remedy"),
    [
        ("{{ fund }}", "Write `${ .fund }` to have it evaluated."),
        ("{{ inputs.fund }}", "Write `${ .fund }` to have it evaluated."),
        ("{{- .fund.id -}}", "Write `${ .fund.id }` to have it evaluated."),
        ("Fund {{ fund | upper }} is ready", '${ "Hello \\(.field)" }'),
        ("Fund {{ fund }} is ready", '${ "Hello \\(.fund)" }'),
        ("$.fund", "Write `${ .fund }` to have it evaluated."),
        ("$.funds[0].id", "Write `${ .funds[0].id }` to have it evaluated."),
        ("$fund", "Write `${ .fund }` to have it evaluated."),
        ("$line.id", "Write `${ $line.id }` to have it evaluated."),
        ("{fund}", "Write `${ .fund }` to have it evaluated."),
        ("{line}", "Write `${ $line }` to have it evaluated."),
        ("Fund {fund} is ready", '${ "Hello \\(.fund)" }'),
    ],
)
def test_a_template_of_another_tool(text: str, remedy: str, find_in_tasks: Any) -> None:
    for task in (f"b: {{set: {{t: '{text}'}}}}", f"b: {{call: http, with: {{body: '{text}'}}}}"):
        loop = f"- a: {{for: {{each: line, in: .lines}}, do: [{{{task}}}]}}"
        (finding,) = find_in_tasks(loop)
        assert finding.code == "W202"
        assert remedy in finding.remedy


@pytest.mark.parametrize(
    "text",
    [
        "$5",
        "US$ 5",
        "a {3} b",
        "{}",
        "{ }",
        '{"a": 1}',
        "100 % {",
        "[a-z]{2,3}",
        "$",
        "a$b",
        "{a b}",
    ],
)
def test_a_plain_text_stays_one(text: str, find_in_tasks: Any) -> None:
    assert find_in_tasks(f"- a: {{set: {{t: '{text}'}}}}") == []


@pytest.mark.parametrize(
    "task",
    [
        "call: http, with: {endpoint: 'https://x.example/{fund}'}",
        "call: http, with: {endpoint: {uri: 'https://x.example/{fund}'}}",
        "call: openapi, with: {document: {endpoint: 'https://x.example/{fund}'}}",
        "call: http, with: {endpoint: {uri: 'https://x', authentication: {bearer: {token: $x}}}}",
    ],
)
def test_an_address_is_filled_in_and_a_password_may_be_anything(
    task: str, find_in_tasks: Any
) -> None:
    assert "W202" not in {each.code for each in find_in_tasks(f"- a: {{{task}}}")}


@pytest.mark.parametrize(
    ("condition", "remedy"),
    [
        ("${ .x } == 1", "Write the whole expression bare: `.x == 1`."),
        ("${ .x } == ${ .y }", "Write the whole expression bare: `.x == .y`."),
        ("${{ inputs.fund }}", "Write `.fund` for `{{ inputs.fund }}`."),
        ("{{ fund }} == 1", "Write `.fund` for `{{ fund }}`."),
        ("$.fund == 1", "Write `.fund` for `$.fund`."),
    ],
)
def test_a_condition_as_other_tools_write_it(
    condition: str, remedy: str, find_in_tasks: Any
) -> None:
    (finding,) = find_in_tasks(f"- a: {{if: '{condition}', set: {{x: 1}}}}")
    assert (finding.code, finding.remedy) == ("E301", remedy)


def test_a_word_without_its_sign(find_in_tasks: Any) -> None:
    loop = "- a: {{for: {{each: line, in: .lines}}, do: [{{b: {{if: '{0}', set: {{x: 1}}}}}}]}}"

    (finding,) = find_in_tasks(loop.format("line == 1"))
    assert (finding.code, finding.remedy) == ("E302", "Write `$line` for the variable.")
    (finding,) = find_in_tasks(loop.format("amount == 1"))
    assert finding.code == "E302"
    assert finding.remedy.startswith("Write `.amount` for a member of the input")
    (finding,) = find_in_tasks(loop.format("line"))
    assert (finding.code, "`$line`" in finding.remedy) == ("E304", True)
    (finding,) = find_in_tasks(loop.format("amount"))
    assert (finding.code, "`.amount`" in finding.remedy) == ("E304", True)


@pytest.mark.parametrize("piece", ["{{", "{ ", "{{ ", "$.a[", "{a", "${ ", "{{-"])
def test_a_hostile_text_is_read_once(piece: str) -> None:
    """In time that grows with the square of its length this would take hours."""
    text = piece + " " * 200_000 + piece * 200_000
    assert foreign(text, frozenset(), has_members=False) is None
    assert bare_remedy(text, frozenset()) in (None, "Write `.a` for `$.a`.")
