"""Functions and extensions, expanded and then run in rehearsal."""

from typing import Any

import pytest
from pydantic import JsonValue

from compiled_plans import plan_of
from tenuto.core.errors import UsageError
from tenuto.core.problem import problem
from tenuto.workflows.interpreter.rehearsal import Answers, Rehearsed, rehearse


def run(
    *tasks: JsonValue, given: JsonValue = None, outputs: Any = None, **parts: JsonValue
) -> Rehearsed:
    return rehearse(plan_of(*tasks, **parts), given, Answers(outputs=outputs or {}))


DOUBLE: JsonValue = {
    "input": {"schema": {"document": {"type": "object", "required": ["n"]}}, "from": ".n"},
    "set": {"twice": "${ . * 2 }"},
}


def test_a_function_gets_the_arguments_and_gives_its_output() -> None:
    body: JsonValue = {
        "call": "double",
        "with": {"n": "${ .x + 1 }"},
        "output": {"as": {"got": "${ .twice }", "of": "${ $input.x }"}},
        "export": {"as": "."},
    }
    done = run(
        {"t": body},
        {"u": {"set": {"seen": "${ $context }"}}},
        given={"x": 4},
        use={"functions": {"double": DOUBLE}},
    )
    assert done.output == {"seen": {"got": 10, "of": 4}}


def test_the_schema_of_a_function_judges_the_arguments_and_names_the_call() -> None:
    done = run(
        {"t": {"call": "double", "with": {"m": 1}}},
        given={"n": 1},
        use={"functions": {"double": DOUBLE}},
    )
    assert done.error is not None
    assert done.error.status == 400
    assert done.error.instance == "/do/0/t"


def test_a_function_without_arguments_gets_the_input() -> None:
    done = run({"t": {"call": "double"}}, given={"n": 3}, use={"functions": {"double": DOUBLE}})
    assert done.output == {"twice": 6}


def shown(done: Rehearsed, *statuses: str) -> list[tuple[str, str]]:
    return [(e.name, e.at) for e in done.trace if e.status in (statuses or ("started",))]


PRICE: JsonValue = {"call": "prices.fetch_close", "with": {"fund": "${ .fund }"}}


def test_a_function_s_task_is_the_call_for_everybody_who_looks() -> None:
    doubled: JsonValue = {"call": "getPrice", "input": {"from": "{fund: .fund}"}}
    done = run(
        {"alpha": {"call": "getPrice", "with": {"fund": "A"}}},
        {"beta": {"call": "twice", "with": {"fund": "B"}}},
        outputs={"alpha": {"value": "1"}, "beta": {"value": "2"}},
        use={"functions": {"getPrice": PRICE, "twice": doubled}},
    )
    assert done.output == {"value": "2"}
    assert [(each.task, each.at) for each in done.happened] == [
        ("alpha", "/do/0/alpha"),
        ("beta", "/do/1/beta"),
    ]
    assert shown(done) == [("alpha", "/do/0/alpha"), ("beta", "/do/1/beta")]
    assert shown(done, "completed") == shown(done)


def test_a_function_that_is_tried_again_says_so_once_for_each_attempt() -> None:
    retry: JsonValue = {
        "try": [{"ask": PRICE}],
        "catch": {"retry": {"limit": {"attempt": {"count": 2}}}},
    }
    plan = plan_of({"alpha": {"call": "careful"}}, use={"functions": {"careful": retry}})
    refused = problem("runtime", "no")
    done = rehearse(plan, {"fund": "A"}, Answers(problems={"ask": refused}))
    alpha = [entry.status for entry in done.trace if entry.name == "alpha"]
    assert alpha == ["started", "retried", "retried", "faulted"]
    assert done.error is not None
    assert done.error.instance == "/do/0/alpha/try/0/ask"


@pytest.mark.parametrize(("name", "prices"), [("alpha", ["9", "1"]), ("beta", ["1", "9"])])
def test_an_extension_knows_a_function_s_task_by_the_name_of_the_call(
    name: str, prices: list[str]
) -> None:
    use = _body(mock(when=f'$task.name == "{name}"', before=[INTERCEPT]))
    done = run(
        {"alpha": {"call": "getPrice", "export": {"as": "[.value]"}}},
        {"beta": {"call": "getPrice", "export": {"as": "$context + [.value]"}}},
        outputs={"alpha": {"value": "1"}, "beta": {"value": "1"}},
        use={**use, "functions": {"getPrice": PRICE}},
        output={"as": "$context"},
        given={"fund": "A"},
        input={"from": "{fund: .fund}"},
    )
    assert done.output == prices
    assert len(done.happened) == 1


def test_functions_call_functions_but_not_themselves() -> None:
    functions: JsonValue = {
        "double": DOUBLE,
        "fourfold": {
            "do": [
                {"one": {"call": "double"}},
                {"two": {"call": "double", "with": {"n": "${ .twice }"}}},
            ]
        },
    }
    done = run({"t": {"call": "fourfold"}}, given={"n": 3}, use={"functions": functions})
    assert done.output == {"twice": 12}
    circle: JsonValue = {"a": {"do": [{"x": {"call": "b"}}]}, "b": {"call": "a"}}
    with pytest.raises(UsageError, match="a -> b -> a") as refused:
        plan_of({"t": {"call": "a"}}, use={"functions": circle})
    assert refused.value.code == "definition.function-cycle"


def mock(*, when: str | None = None, extend: str = "call", **lists: JsonValue) -> JsonValue:
    extension: dict[str, JsonValue] = {"extend": extend, **lists}
    return {"extensions": [{"mock": extension | ({"when": when} if when else {})}]}


CALL: JsonValue = {
    "call": "prices.fetch_close",
    "with": {"fund": "${ .fund }"},
    "output": {"as": {"price": "${ .value }"}},
}
NOTE: JsonValue = {
    "note": {
        "set": {"was": "${ $task.reference }"},
        "export": {"as": "$context + {was: .was, before: $input}"},
    }
}


def test_before_and_after_run_around_a_task_and_change_neither_input_nor_output() -> None:
    after: JsonValue = {
        "look": {"set": {"lost": True}, "export": {"as": "$context + {after: $input}"}}
    }
    done = run(
        {"t": CALL},
        {"end": {"set": {"data": "${ . }", "context": "${ $context }"}}},
        given={"fund": "DEMO"},
        outputs={"t": {"value": "1.25"}},
        use=mock(before=[NOTE], after=[after]),
    )
    assert done.output == {
        "data": {"price": "1.25"},
        "context": {
            "fund": "DEMO",
            "was": "/do/0/t",
            "before": {"fund": "DEMO"},
            "after": {"value": "1.25"},
        },
    }
    names = [entry.name for entry in done.trace if entry.status == "started"]
    assert names == ["t", "note", "look", "end"]
    assert len(shown(done, "completed")) == 4
    assert [happening.argument for happening in done.happened] == [{"fund": "DEMO"}]


INTERCEPT: JsonValue = {"intercept": {"set": {"value": "9"}, "then": "exit"}}


def test_exit_in_before_takes_the_place_of_the_task() -> None:
    done = run({"t": CALL}, given={"fund": "DEMO"}, use=mock(before=[INTERCEPT]))
    assert done.output == {"price": "9"}
    assert done.happened == ()
    assert [name for name, _ in shown(done)] == ["t", "intercept"]


def test_what_before_exports_is_kept_also_when_it_takes_the_place_of_the_task() -> None:
    intercept = _body(_body(INTERCEPT)["intercept"])
    exporting: JsonValue = {"intercept": {**intercept, "export": {"as": "{by: $task.name}"}}}
    done = run(
        {"t": CALL},
        {"end": {"set": {"data": "${ . }", "context": "${ $context }"}}},
        given={"fund": "DEMO"},
        use=mock(before=[exporting]),
    )
    assert done.output == {"data": {"price": "9"}, "context": {"by": "t"}}


BAD: JsonValue = {"bad": {"set": "${ 1 + {} }"}}


@pytest.mark.parametrize(
    ("use", "at"),
    [
        ({"before": [BAD]}, "/use/extensions/0/mock/before/0/bad"),
        ({"after": [BAD]}, "/use/extensions/0/mock/after/0/bad"),
        (
            {"before": [{"f": {"fork": {"branches": [BAD]}}}]},
            "/use/extensions/0/mock/before/0/f/fork/branches/0/bad",
        ),
        ({"before": [NOTE], "when": "1 + {}"}, "/use/extensions/0/mock/before"),
        ({"before": [NOTE], "after": [NOTE], "when": "1 + {}"}, "/use/extensions/0/mock/when"),
    ],
)
def test_an_error_in_an_extension_says_around_which_task(use: Any, at: str) -> None:
    done = run({"other": {"set": {}}}, {"t": CALL}, use=mock(**use))
    assert done.error is not None
    assert done.error.instance == at
    assert done.error.detail is not None
    assert done.error.detail.endswith(" (in an extension of `/do/1/t`)")


def test_a_task_of_an_extension_that_takes_too_long_says_around_which_task() -> None:
    slow: JsonValue = {"slow": {"wait": "PT1H", "timeout": {"after": "PT1S"}}}
    done = run({"t": CALL}, use=mock(before=[slow]))
    assert done.error is not None
    assert (done.error.status, done.error.instance) == (
        408,
        "/use/extensions/0/mock/before/0/slow",
    )
    assert done.error.detail is not None
    assert "(in an extension of `/do/0/t`)" in done.error.detail


def test_an_error_of_the_extended_task_is_its_own() -> None:
    use = mock(before=[NOTE])
    plan = plan_of({"t": CALL}, use=use)
    done = rehearse(plan, {}, Answers(problems={"t": problem("runtime", "no")}))
    assert done.error == problem("runtime", "no", instance="/do/0/t")
    assert [name for name, _ in shown(done, "faulted")] == ["t"]


@pytest.mark.parametrize(
    ("when", "is_replaced"),
    [
        ('$task.call == "prices.fetch_close"', True),
        ('$task.definition.with.fund | startswith("$")', True),
        ('.fund == "DEMO"', True),
        ('.fund == "OTHER"', False),
        ('$task.name == "u"', False),
    ],
)
def test_an_extension_applies_where_its_condition_holds(when: str, is_replaced: bool) -> None:
    done = run(
        {"t": CALL},
        given={"fund": "DEMO"},
        outputs={"t": {"value": "1"}},
        use=mock(when=when, before=[INTERCEPT]),
    )
    assert done.output == {"price": "9" if is_replaced else "1"}
    assert len(done.happened) == (0 if is_replaced else 1)


@pytest.mark.parametrize(("fund", "is_noted"), [("DEMO", True), ("OTHER", False)])
def test_the_condition_is_asked_once_for_before_and_after(fund: str, is_noted: bool) -> None:
    after: JsonValue = {"look": {"set": {}, "export": {"as": "$context + {after: true}"}}}
    done = run(
        {"t": CALL},
        {"end": {"set": {"context": "${ $context }"}}},
        given={"fund": fund},
        outputs={"t": {"value": "1"}},
        use=mock(when='.fund == "DEMO"', before=[NOTE], after=[after]),
    )
    noted = {"was": "/do/0/t", "before": {"fund": fund}, "after": True}
    assert done.output == {"context": {"fund": fund, **(noted if is_noted else {})}}


def test_a_condition_that_depends_on_the_loop_around() -> None:
    loop: JsonValue = {"l": {"for": {"in": [1, 2]}, "do": [{"t": CALL}]}}
    done = run(
        loop,
        given={"fund": "DEMO"},
        outputs={"t": {"value": "1"}},
        use=mock(when="$index == 1", before=[INTERCEPT]),
    )
    assert len(done.happened) == 1


def test_skipped_tasks_are_not_extended() -> None:
    done = run({"t": {**_body(CALL), "if": "false"}}, given={"a": 1}, use=mock(before=[INTERCEPT]))
    assert done.output == {"a": 1}


def test_where_a_task_goes_on_is_as_before() -> None:
    done = run(
        {"t": {**_body(CALL), "then": "last"}},
        {"between": {"set": {"passed": True}}},
        {"last": {"set": {"got": "${ . }"}}},
        given={"fund": "DEMO"},
        use=mock(before=[INTERCEPT]),
    )
    assert done.output == {"got": {"price": "9"}}


def test_several_extensions_stand_around_each_other_in_order() -> None:
    def step(name: str) -> JsonValue:
        return {name: {"set": {}, "export": {"as": f'($context // []) + ["{name}"]'}}}

    extensions: JsonValue = [
        {"one": {"extend": "all", "before": [step("b1")], "after": [step("a1")]}},
        {"two": {"extend": "wait", "before": [step("b2")], "after": [step("a2")]}},
    ]
    done = run(
        {"w": {"wait": {"seconds": 1}}},
        use={"extensions": extensions},
        output={"as": "$context"},
    )
    assert done.output == ["b1", "b2", "a2", "a1"]


def test_the_body_of_a_function_is_extended_and_the_call_of_it_is_not() -> None:
    done = run(
        {"t": {"call": "price", "with": {"fund": "DEMO"}}},
        outputs={"t": {"value": "1"}},
        use={
            **_body(mock(before=[{"note": {"set": {}, "export": {"as": "($context // 0) + 1"}}}])),
            "functions": {"price": CALL},
        },
        output={"as": "$context"},
    )
    assert done.output == 1
    assert len(done.happened) == 1


@pytest.mark.parametrize(
    "task",
    [
        {"switch": [{"a": {"then": "end"}}]},
        {"try": [{"x": {"set": {}}}], "catch": {"then": "exit"}},
    ],
)
def test_a_task_that_directs_its_list_is_not_extended_silently(task: JsonValue) -> None:
    with pytest.raises(UsageError, match="extension `mock`") as refused:
        plan_of({"t": task}, use=mock(extend="all", before=[NOTE]))
    assert refused.value.code == "definition.cannot-extend"


def _body(value: JsonValue) -> dict[str, JsonValue]:
    assert isinstance(value, dict)
    return value
