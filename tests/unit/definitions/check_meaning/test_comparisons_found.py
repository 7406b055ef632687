"""Conditions that always come out the same: a text the value never is, a sign that assigns."""

from typing import Any

import pytest

ASKED = "- ask: {call: human.approval, with: {title: Pay, approvers: ['u:ann'], timeout: P2D}}\n"
STATED = """
input:
  schema:
    document:
      type: object
      properties:
        state: {type: string, enum: [open, closed]}
        kind: {const: fund}
        free: {type: string}
        size: {type: integer}
do:
"""


@pytest.mark.parametrize(
    ("condition", "message", "remedy"),
    [
        ('.decision == "approved"', "always false", "Did you mean `approve`?"),
        ('"rejected" == .decision', "always false", "Did you mean `reject`?"),
        ('.decision != "approved"', "always true", "Did you mean `approve`?"),
        ('.decision | IN("approved", "edit")', 'never `"approved"`', "Did you mean `approve`?"),
        ('IN(.decision; "yes")', 'never `"yes"`', "Valid are `approve`, `edit`, `reject`"),
        ('(.comment | length) > 1 and .decision == "no"', "always false", "Valid are"),
    ],
)
def test_a_text_that_a_decision_never_is(
    condition: str, message: str, remedy: str, find_in_tasks: Any
) -> None:
    for task in (
        f"- a: {{if: '{condition}', set: {{x: 1}}}}",
        f"- a: {{switch: [{{c: {{when: '{condition}', then: end}}}}]}}",
    ):
        (finding,) = find_in_tasks(ASKED + task)
        assert finding.code == "W304"
        assert message in finding.message
        assert remedy in finding.remedy
        assert finding.column == task.find('"', task.find(condition)) + 3 or "rej" in condition


@pytest.mark.parametrize(
    "condition",
    [
        '.decision == "approve"',
        '.decision | IN("approve", "edit")',
        ".decision == .comment",
        '.decision[0:3] == "app"',
        '(.decision | ascii_upcase) == "APPROVE"',
        '.comment == "approved"',
        '(.decision + "d") == "approved"',
        ".decision == null",
        '[.decision, "d"] | add == "approved"',
    ],
)
def test_a_comparison_that_may_hold(condition: str, find_in_tasks: Any) -> None:
    assert find_in_tasks(f"{ASKED}- a: {{if: '{condition}', set: {{x: 1}}}}") == []


@pytest.mark.parametrize(
    ("condition", "remedy"),
    [
        ('.state == "opened"', "Did you mean `open`?"),
        ('.kind == "Fund"', "Did you mean `fund`?"),
        ('.free == "x"', None),
        ('.state == "open" or .kind == "fund"', None),
        ('(.state // "none") == "none"', None),
    ],
)
def test_a_text_that_the_schema_of_the_input_does_not_list(
    condition: str, remedy: str | None, find: Any
) -> None:
    found = find(f"{STATED}  - a: {{if: '{condition}', set: {{x: 1}}}}\n")
    assert [each.remedy for each in found] == ([remedy] if remedy else [])


def test_what_an_earlier_task_wrote_down_is_known_too(find_in_tasks: Any) -> None:
    tasks = "- a: {set: {state: done}}\n- b: {if: '.state == \"dnoe\"', set: {x: 1}}"
    (finding,) = find_in_tasks(tasks)
    assert (finding.code, finding.remedy) == ("W304", "Did you mean `done`?")


@pytest.mark.parametrize("sign", ["=", "|=", "+=", "//="])
@pytest.mark.parametrize(
    "form",
    [
        "- a: {{if: '{0}', set: {{x: 1}}}}",
        "- a: {{if: '${{ {0} }}', set: {{x: 1}}}}",
        "- a: {{switch: [{{c: {{when: '{0}', then: end}}}}]}}",
        "- a: {{for: {{in: .x}}, while: '{0}', do: []}}",
        "- a: {{try: [], catch: {{when: '{0}'}}}}",
        "- a: {{try: [], catch: {{exceptWhen: '{0}'}}}}",
        "- a: {{try: [], catch: {{retry: {{when: '{0}'}}}}}}",
    ],
)
def test_a_condition_that_assigns(sign: str, form: str, find_in_tasks: Any) -> None:
    task = form.format(f".x {sign} 1")
    (finding,) = find_in_tasks(task)
    assert (finding.code, finding.remedy) == ("W305", "Did you mean `==`?")
    assert finding.column == task.index(f" {sign} ") + 4


@pytest.mark.parametrize(
    "condition", ['.x == "="', "(.x |= 1) | .x", ".x >= 1", '.x != "a"', "(.x = 1 | .y) == 2"]
)
def test_an_assignment_inside_a_condition_is_meant(condition: str, find_in_tasks: Any) -> None:
    assert find_in_tasks(f"- a: {{if: '{condition}', set: {{x: 1}}}}") == []


def test_an_output_may_assign(find_in_tasks: Any) -> None:
    assert find_in_tasks("- a: {call: http, output: {as: .x = 1}}") == []
