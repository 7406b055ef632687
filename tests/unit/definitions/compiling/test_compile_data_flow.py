"""What every task may have, and what belongs to the whole definition."""

import copy

import pytest
from pydantic import JsonValue

from compiled_plans import CATALOG, definition, plan_of
from tenuto.core.errors import UsageError
from tenuto.definitions.compiling import compile_plan
from tenuto.definitions.expressions import evaluate_template
from tenuto.definitions.plan import DoTask, SetTask, SwitchTask

SCHEMA: JsonValue = {"type": "object", "required": ["fund"]}


def test_bare_expressions_become_templates_and_objects_stay_as_written() -> None:
    plan = plan_of(
        {
            "pick": {
                "set": {"a": 1},
                "input": {"from": ".order"},
                "output": {"as": {"id": "${ .a }", "fixed": ".a"}},
                "export": {"as": "$context + ."},
            }
        },
        input={"from": "${ .body }"},
        output={"as": " .a "},
    )
    task = plan.do[0]
    assert (task.input_from, task.export_as) == ("${ .order }", "${ $context + . }")
    assert task.output_as == {"fixed": ".a", "id": "${ .a }"}
    assert (plan.input_from, plan.output_as) == ("${ .body }", "${ .a }")


def test_conditions_lose_their_brackets() -> None:
    plan = plan_of(
        {"a": {"if": "${ .x > 1 }", "set": {}}},
        {"b": {"if": ".x > 1", "set": {}}},
        {"c": {"switch": [{"one": {"when": "${ .y }", "then": "end"}}, {"two": {"then": "exit"}}]}},
    )
    assert [task.if_ for task in plan.do] == [".x > 1", ".x > 1", None]
    switch = plan.do[2]
    assert isinstance(switch, SwitchTask)
    assert [(case.when, case.then) for case in switch.cases] == [(".y", "end"), (None, "exit")]


def test_schemas_are_unwrapped_and_schemas_elsewhere_refused() -> None:
    schema: JsonValue = {"format": "json", "document": SCHEMA}
    plan = plan_of({"a": {"set": {}, "export": {"schema": schema}}}, input={"schema": schema})
    assert plan.input_schema == SCHEMA
    assert plan.do[0].export_schema == SCHEMA
    elsewhere: JsonValue = {"schema": {"resource": {"endpoint": "https://example.com/a.json"}}}
    with pytest.raises(UsageError) as refused:
        plan_of({"a": {"set": {}, "input": elsewhere}})
    assert refused.value.code == "definition.schema-elsewhere"


def test_timeouts_are_found_by_name() -> None:
    plan = plan_of(
        {"a": {"set": {}, "timeout": "short"}},
        {"b": {"set": {}, "timeout": {"after": "PT5M"}}},
        use={"timeouts": {"short": {"after": {"seconds": 3}}}},
        timeout="short",
    )
    assert [task.timeout for task in plan.do] == [{"seconds": 3}, "PT5M"]
    assert plan.timeout == {"seconds": 3}


def test_a_name_that_is_nowhere_says_what_there_is() -> None:
    with pytest.raises(UsageError, match=r"`/do/0/a/timeout` names `long`.*`short`") as refused:
        plan_of(
            {"a": {"set": {}, "timeout": "long"}},
            use={"timeouts": {"short": {"after": "PT1S"}}},
        )
    assert refused.value.code == "definition.unknown-part"


def test_tasks_have_pointers_with_index_and_name() -> None:
    plan = plan_of({"outer": {"do": [{"x": {"set": {}}}, {"a/b~c": {"set": {}}}]}})
    outer = plan.do[0]
    assert isinstance(outer, DoTask)
    assert [task.at for task in outer.do] == [
        "/do/0/outer/do/0/x",
        "/do/0/outer/do/1/a~1b~0c",
    ]


@pytest.mark.parametrize(
    ("expression", "is_carried"),
    [
        ("$task.name", False),
        ("$task . reference", False),
        ("$tasks", False),
        ("$task.definition.set", True),
        ("$task | keys", True),
        ('$task["definition"]', True),
    ],
)
def test_a_task_carries_its_text_where_an_expression_may_read_it(
    expression: str, is_carried: bool
) -> None:
    body: JsonValue = {"set": {"a": "${ " + expression + " }"}}
    task = plan_of({"t": body}).do[0]
    assert (task.definition == body) is is_carried
    assert (task.definition is not None) is is_carried


def test_inner_tasks_do_not_make_the_outer_one_carry_its_text() -> None:
    outer = plan_of({"o": {"do": [{"i": {"set": {"a": "${ $task.definition }"}}}]}}).do[0]
    assert isinstance(outer, DoTask)
    assert outer.definition is None
    assert outer.do[0].definition is not None


def test_the_whole_definition_is_carried_only_where_it_is_read() -> None:
    assert plan_of({"a": {"set": {"x": "${ $workflow.id }"}}}).definition is None
    written = definition(
        {"a": {"set": {"x": '${ "v\\( $workflow.definition.document.version)" }'}}}
    )
    assert compile_plan(written, CATALOG).definition == written


def test_search_attributes_of_run_and_task() -> None:
    written = definition(
        {"a": {"set": {}, "metadata": {"searchAttributes": {"Fund": "${ .fund }"}}}}
    )
    about = written["document"]
    assert isinstance(about, dict)
    about["metadata"] = {"searchAttributes": {"Desk": "rates"}}
    plan = compile_plan(written, CATALOG)
    assert plan.search_attributes == {"Desk": "rates"}
    assert plan.do[0].search_attributes == {"Fund": "${ .fund }"}


def test_compiling_changes_nothing_and_gives_the_same_again() -> None:
    written = definition(
        {"a": {"call": "f", "with": {"fund": "${ .x }"}}},
        {"b": {"call": "http", "with": {"method": "get", "endpoint": "https://e.example/{id}"}}},
        use={
            "functions": {"f": {"set": {"y": "${ .fund }"}}},
            "extensions": [{"log": {"extend": "set", "before": [{"l": {"set": {"q": 1}}}]}}],
        },
    )
    before = copy.deepcopy(written)
    assert compile_plan(written, CATALOG) == compile_plan(written, CATALOG)
    assert written == before


def test_keys_are_sorted_so_that_one_digest_behaves_as_one() -> None:
    task = plan_of({"a": {"set": {"z": 1, "a": {"y": 1, "b": 2}}}}).do[0]
    assert isinstance(task, SetTask)
    value = evaluate_template(task.value, None, {})
    assert isinstance(value, dict)
    assert list(value) == ["a", "z"]


@pytest.mark.parametrize(
    "broken",
    [
        [],
        {"document": {}, "do": []},
        definition({"a": {"set": {}, "wait": {"seconds": 1}}}),
        definition({"a": {}, "b": {}}),
        definition({"a": {"try": []}}),
        definition("a"),
    ],
)
def test_an_unchecked_definition_is_refused_and_never_half_compiled(broken: JsonValue) -> None:
    with pytest.raises(UsageError) as refused:
        compile_plan(broken, CATALOG)
    assert refused.value.code == "definition.unchecked"
