"""What goes into a task and out of it, and what expressions see."""

from typing import Any

from rehearsed_runs import error, kind_of, output, ran


def test_input_from_and_output_as_change_what_a_task_sees_and_gives() -> None:
    tasks = """
- a:
    input: {from: .user.claims}
    set: {id: "${ .subject }"}
    output: {as: "{id, before: $input, raw: $task.input, was: $task.output}"}
"""
    assert output(tasks, {"user": {"claims": {"subject": "s"}}}) == {
        "id": "s",
        "before": {"subject": "s"},
        "raw": {"user": {"claims": {"subject": "s"}}},
        "was": {"id": "s"},
    }


def test_export_sees_the_transformed_output_and_replaces_the_context() -> None:
    tasks = """
- a:
    set: {x: 1}
    output: {as: .x}
    export: {as: "{total: ($context.total // 0) + ., same: ($output == .)}"}
- b:
    set: "${ $context }"
"""
    assert output(tasks) == {"total": 1, "same": True}


def test_before_the_first_export_the_context_is_the_transformed_input() -> None:
    assert output("- a: {set: '${ $context }'}", {"in": 1}, top="input: {from: .in}") == 1


def test_the_context_survives_errors_and_is_not_touched_without_export() -> None:
    tasks = """
- attempt:
    try:
      - a: {set: {x: 1}, export: {as: "{kept: true}"}}
      - b: {raise: {error: {type: https://x.y/z, status: 500}}}
    catch: {}
- c: {set: "${ $context }"}
"""
    assert output(tasks, {"n": 1}) == {"kept": True}


def test_schemas_are_checked_where_the_specification_says() -> None:
    number = "{schema: {format: json, document: {type: number}}"
    problem = error(f"- a: {{input: {number}, from: 1}}, set: 1}}", "text")
    assert (kind_of(problem), problem.status, problem.instance) == ("validation", 400, "/do/0/a")
    assert output(f"- a: {{set: {{x: 1}}, output: {number}, as: .x}}}}") == 1
    problem = error(f"- a: {{set: {{x: 1}}, output: {number}}}}}")
    assert (kind_of(problem), problem.instance) == ("validation", "/do/0/a")
    problem = error(f"- a: {{set: 1, export: {number}, as: '\"text\"'}}}}")
    assert (kind_of(problem), problem.instance) == ("validation", "/do/0/a")


def test_the_runs_own_input_and_output_are_checked_and_transformed() -> None:
    top = """
input: {schema: {format: json, document: {type: object, required: [n]}}, from: .n}
output: {as: "{n: ., raw: $workflow.input}", schema: {format: json, document: {type: object}}}
"""
    assert output("- a: {set: '${ . + 1 }'}", {"n": 1}, top=top) == {"n": 2, "raw": {"n": 1}}
    problem = error("- a: {set: 1}", {}, top=top)
    assert (kind_of(problem), problem.instance) == ("validation", "/input")
    problem = error("- a: {set: 1}", top="output: {schema: {document: {type: string}}}")
    assert (kind_of(problem), problem.instance) == ("validation", "/output")


def test_a_remote_schema_is_never_fetched() -> None:
    problem = error(
        "- a: {set: 1, output: {schema: {document: {$ref: 'https://127.0.0.1:1/schema'}}}}"
    )
    assert kind_of(problem) == "configuration"


def test_expressions_know_the_task_the_run_and_the_runtime() -> None:
    tasks = """
- block:
    do:
      - a: {set: {task: "${ $task }", run: "${ $workflow }", runtime: "${ $runtime }"}}
"""
    seen: Any = output(tasks, {"n": 1})
    started = {
        "iso8601": "2026-01-01T00:00:00Z",
        "epoch": {"seconds": 1767225600, "milliseconds": 1767225600000},
    }
    assert seen["task"].pop("definition")["set"]["task"] == "${ $task }"
    assert seen["run"].pop("definition")["document"]["name"] == "rehearsed"
    assert seen["task"] == {
        "name": "a",
        "reference": "/do/0/block/do/0/a",
        "input": {"n": 1},
        "startedAt": started,
    }
    assert seen["run"] == {"id": "rehearsal", "input": {"n": 1}, "startedAt": started}
    assert seen["runtime"] == {"name": "tenuto", "version": "1", "metadata": {}}


def test_text_in_the_data_is_never_taken_for_an_expression() -> None:
    evil = "${ $workflow }"
    assert output("- a: {set: {copy: '${ .evil }'}}", {"evil": evil}) == {"copy": evil}


def test_search_attributes_are_set_when_run_and_task_begin() -> None:
    rehearsed = ran(
        """
- a:
    set: 1
    metadata: {searchAttributes: {TenutoSubject: "${ .fund }"}}
""",
        {"fund": "ALPHA"},
    )
    assert [each.argument for each in rehearsed.happened] == [{"TenutoSubject": "ALPHA"}]
