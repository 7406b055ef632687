"""Expressions that cannot be evaluated where they stand, and texts that look like some."""

from typing import Any

import pytest

from tenuto.definitions.check.meaning_codes import CODES


def _only(found: list[Any]) -> Any:
    (finding,) = [each for each in found if each.code[:2] == "E3" or each.code[:3] == "W20"]
    return finding


BARE = {
    "if": "- a: {{if: '{0}', set: {{x: 1}}}}",
    "input.from": "- a: {{input: {{from: '{0}'}}, set: {{x: 1}}}}",
    "output.as": "- a: {{call: http, output: {{as: '{0}'}}}}",
    "export.as": "- a: {{call: http, export: {{as: '{0}'}}}}",
    "for.in": "- a: {{for: {{in: '{0}'}}, do: []}}",
    "while": "- a: {{for: {{in: .x}}, while: '{0}', do: []}}",
    "switch.when": "- a: {{switch: [{{c: {{when: '{0}', then: end}}}}]}}",
    "catch.when": "- a: {{try: [], catch: {{when: '{0}'}}}}",
    "catch.exceptWhen": "- a: {{try: [], catch: {{exceptWhen: '{0}'}}}}",
    "catch.retry.when": "- a: {{try: [], catch: {{retry: {{when: '{0}'}}}}}}",
    "listen.to.one.correlate.from": "- a: {{listen: {{to: {{one: {{with: {{type: t}},"
    " correlate: {{k: {{from: '{0}'}}}}}}}}}}}}",
}
TEMPLATES = {
    "with": "- a: {{call: http, with: {{body: '{0}'}}}}",
    "set": "- a: {{set: {{x: [{{y: '{0}'}}]}}}}",
    "emit.event.with": "- a: {{emit: {{event: {{with: {{type: t, data: '{0}'}}}}}}}}",
    "raise.error": "- a: {{raise: {{error: {{type: t, status: 500, detail: '{0}'}}}}}}",
    "run.workflow.input": "- a: {{run: {{workflow: {{namespace: n, name: m, version: 1.0.0,"
    " input: {{x: '{0}'}}}}}}}}",
    "wait": "- a: {{wait: '{0}'}}",
    "timeout.after": "- a: {{set: {{x: 1}}, timeout: {{after: '{0}'}}}}",
    "metadata.searchAttributes": "- a: {{set: {{x: 1}},"
    " metadata: {{searchAttributes: {{TenutoSubject: '{0}'}}}}}}",
    "listen.to.any.with": "- a: {{listen: {{to: {{any: [{{with: {{data: '{0}'}}}}]}}}}}}",
    "output.as": "- a: {{call: http, output: {{as: {{x: '{0}'}}}}}}",
    "for.in": "- a: {{for: {{in: ['{0}']}}, do: []}}",
}


@pytest.mark.parametrize("position", BARE)
def test_a_bare_position_takes_expressions_with_and_without_signs(
    position: str, find_in_tasks: Any
) -> None:
    form = BARE[position]

    for wrong in (".a | ", "${ .a | }"):
        assert _only(find_in_tasks(form.format(wrong))).code == "E301"
    for right in (".a.b", "${ .a.b }", '"approved"', "true"):
        assert find_in_tasks(form.format(right)) == []


@pytest.mark.parametrize("position", TEMPLATES)
def test_a_template_takes_expressions_with_signs_alone(position: str, find_in_tasks: Any) -> None:
    form = TEMPLATES[position]

    assert _only(find_in_tasks(form.format("${ .a | }"))).code == "E301"
    assert _only(find_in_tasks(form.format("a ${ .b }"))).code == "W201"
    assert _only(find_in_tasks(form.format(".a.b"))).code == "W202"
    assert find_in_tasks(form.format("${ .a.b }")) == []
    assert find_in_tasks(form.format("PT1S")) == []


@pytest.mark.parametrize("text", ["approved", "is approved", "Approved!", "order-approved"])
def test_plain_text_where_an_expression_is_expected(text: str, find_in_tasks: Any) -> None:
    finding = _only(find_in_tasks(f"- a: {{if: '{text}', set: {{x: 1}}}}"))

    assert finding.code == "E304"
    assert f'"{text}"' in finding.remedy


@pytest.mark.parametrize("text", ["empty", "true", "not", "null", "length"])
def test_a_word_that_is_jq_is_no_plain_text(text: str, find_in_tasks: Any) -> None:
    assert find_in_tasks(f"- a: {{if: '{text}', set: {{x: 1}}}}") == []


@pytest.mark.parametrize(
    ("variable", "says"),
    [
        ("now", "$task.startedAt.iso8601"),
        ("steps", "`export.as`"),
        ("states", "`export.as`"),
        ("env", "`use.secrets`"),
        ("error", "`catch`"),
        ("item", "`for`"),
        ("event", "`listen`"),
        ("contxt", "Did you mean `$context`?"),
        ("inputs", "Did you mean `$input`?"),
        ("xyz", "Known here are `$context`, `$input`, `$runtime`, `$task`, `$workflow`."),
    ],
)
def test_an_invented_variable_gets_help(variable: str, says: str, find_in_tasks: Any) -> None:
    finding = _only(find_in_tasks(f"- a: {{set: {{x: '${{ ${variable}.x }}'}}}}"))

    assert finding.code == "E302"
    assert says in finding.remedy


KNOWN = {
    "input": ("context", "task", "workflow", "runtime"),
    "if": ("context", "task", "workflow", "runtime"),
    "set": ("context", "input", "task", "workflow", "runtime"),
    "output": ("context", "input", "task", "workflow", "runtime"),
    "export": ("context", "input", "output", "task", "workflow", "runtime"),
}
FORMS = {
    "input": "- a: {{input: {{from: '{0}'}}, set: {{x: 1}}}}",
    "if": "- a: {{if: '{0}', set: {{x: 1}}}}",
    "set": "- a: {{set: {{x: '${{ {0} }}'}}}}",
    "output": "- a: {{call: http, output: {{as: '{0}'}}}}",
    "export": "- a: {{call: http, export: {{as: '{0}'}}}}",
}


@pytest.mark.parametrize("position", FORMS)
@pytest.mark.parametrize("name", ["context", "input", "output", "task", "workflow", "runtime"])
def test_the_arguments_of_the_specification_are_known_where_it_says(
    position: str, name: str, find_in_tasks: Any
) -> None:
    codes = [each.code for each in find_in_tasks(FORMS[position].format(f"${name}"))]

    assert codes == ([] if name in KNOWN[position] else ["E302"])


@pytest.mark.parametrize(
    ("text", "unknown"),
    [
        ("input: {from: $context}\ndo: []", True),
        ("input: {from: $workflow.input}\ndo: []", False),
        ("output: {as: $context}\ndo: []", False),
        ("output: {as: $input}\ndo: []", True),
        ("output: {as: $task.name}\ndo: []", True),
    ],
)
def test_the_documents_own_expressions(text: str, unknown: bool, find: Any) -> None:
    assert [each.code for each in find(text)] == (["E302"] if unknown else [])


@pytest.mark.parametrize(
    ("tasks", "unknown"),
    [
        ("- a: {for: {in: .x}, do: [{b: {set: '${ [$item, $index] }'}}]}", set()),
        ("- a: {for: {in: .x, each: pet, at: i}, do: [{b: {set: '${ [$pet, $i] }'}}]}", set()),
        ("- a: {for: {in: .x, each: pet}, do: [{b: {set: '${ $item }'}}]}", {"$item"}),
        ("- a: {for: {in: .x, each: pet}, while: $pet.ill, do: []}", set()),
        ("- a: {for: {in: $pet.x, each: pet}, do: []}", {"$pet"}),
        ("- a: {for: {in: .x}, do: []}\n- b: {set: '${ $item }'}", {"$item"}),
        ("- a: {try: [{b: {set: '${ $error }'}}], catch: {}}", {"$error"}),
        (
            "- a: {try: [], catch: {as: e, when: $e.status == 404, do: [{b: {set: '${ $e }'}}]}}",
            set(),
        ),
        ("- a: {try: [], catch: {as: e, do: [{b: {set: '${ $error }'}}]}}", {"$error"}),
        ("- a: {set: '${ . as $x | $x }'}", set()),
        ("- a: {set: '${ (. as $x | $x) + $x }'}", {"$x"}),
        ("- a: {set: '${ reduce .[] as {a: $y} (0; . + $y) }'}", set()),
    ],
)
def test_variables_of_loops_and_catches_are_known_inside_them(
    tasks: str, unknown: set[str], find_in_tasks: Any
) -> None:
    found = [each for each in find_in_tasks(tasks) if each.code == "E302"]

    assert {each.message.split("`")[1] for each in found} == unknown


@pytest.mark.parametrize(
    "expression", ["now", "env", "$ENV.HOME", "input", "halt", "debug", "foo(1)"]
)
def test_a_function_that_is_not_allowed(expression: str, find_in_tasks: Any) -> None:
    assert _only(find_in_tasks(f"- a: {{set: {{x: '${{ {expression} }}'}}}}")).code == "E302"


@pytest.mark.parametrize(
    ("line", "column"),
    [
        ("x: ${ .a + $now }", 17),
        ("x: '${ .a + $now }'", 18),
        ('x: "${ .a + $now }"', 18),
        ("x: ${.a + $now}", 16),
        ('x: "\\u0024{ $now }"', 10),
    ],
)
def test_the_column_is_that_of_the_character_where_the_file_shows_it(
    line: str, column: int, find_in_tasks: Any
) -> None:
    finding = _only(find_in_tasks(f"- a:\n    set:\n      {line}"))

    assert finding.line == 5
    # `x` stands in column 9: two for `do:`, six of its own.
    assert finding.column == (column + 3 if "u0024" not in line else 12)


def test_in_a_block_of_text_the_place_is_its_beginning(find_in_tasks: Any) -> None:
    finding = _only(find_in_tasks("- a:\n    set:\n      x: |\n        ${ .a +\n        $now }\n"))

    assert (finding.line, finding.column) == (5, 12)


def test_codes_of_expressions_are_in_the_table() -> None:
    assert {"E301", "E302", "E303", "E304", "W201", "W202"} <= set(CODES)
