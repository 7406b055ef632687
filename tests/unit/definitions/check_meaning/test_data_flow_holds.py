"""What is worked out about a definition's data holds for what the interpreter does with it."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import JsonValue

from tenuto.catalog.registry import Catalog
from tenuto.definitions.check.expressions.used import Sees
from tenuto.definitions.check.shapes.data_flow import seen_in
from tenuto.definitions.check.shapes.shapes import Alternative, Shape
from tenuto.definitions.compiling import compile_plan
from tenuto.workflows.interpreter.rehearsal import Answers, rehearse

_EXPRESSIONS = st.sampled_from(
    [
        ".",
        ".a?",
        ".b? // 1",
        "{a: .}",
        "{b: 1}",
        "[.]",
        "$context",
        "{c: $context}",
        "$context | .a?",
        "$task.input",
        "[.[]?]",
        ". as {a: $x} ?// $x | $x",
        "if .a? then {a: 1} else {b: [2]} end",
        "$workflow.input",
    ]
)
_OUTPUTS = _EXPRESSIONS | st.sampled_from(["$input", "{i: $input, o: .}", "$task.output"])
_LITERALS = st.sampled_from([{"a": 1}, {"a": {"b": None}}, {"b": [1, "x"]}, {"c": "${ . }"}])
_INPUTS = st.sampled_from([None, {}, {"a": 1}, {"a": {"b": [1]}, "b": "x"}, [1], "text"])


class _Names:
    """Unlike names for all tasks of one definition."""

    def __init__(self) -> None:
        self.last = 0

    def next(self) -> str:
        self.last += 1
        return f"t{self.last}"


@st.composite
def _definitions(draw: st.DrawFn) -> dict[str, Any]:
    names = _Names()
    functions = {
        name: draw(_bodies(names, 1, ("f", "g")[:index], ()))
        for index, name in enumerate(("f", "g"))
    }
    return {
        "document": {"dsl": "1.0.3", "namespace": "n", "name": "w", "version": "1.0.0"},
        "input": {"from": draw(_EXPRESSIONS.filter(_reads_no_task))},
        "use": {"functions": functions},
        "do": draw(_lists(names, 2, ("f", "g"))),
        "output": {"as": "{value: ., context: $context}"},
    }


def _reads_no_task(expression: str) -> bool:
    return "$context" not in expression and "$task" not in expression


@st.composite
def _lists(
    draw: st.DrawFn, names: _Names, depth: int, functions: tuple[str, ...]
) -> list[dict[str, JsonValue]]:
    own = [names.next() for _ in range(draw(st.integers(1, 3)))]
    return [
        {name: draw(_bodies(names, depth, functions, tuple(own[index + 1 :])))}
        for index, name in enumerate(own)
    ]


@st.composite
def _bodies(
    draw: st.DrawFn,
    names: _Names,
    depth: int,
    functions: tuple[str, ...],
    later: tuple[str, ...],
) -> dict[str, Any]:
    then = st.sampled_from(["continue", "exit", "end", *later])
    kinds = ["set", "set", "set", "raise"] + (["call"] if functions else [])
    kinds += ["switch"] if later else []
    kinds += ["do", "try", "for", "fork"] if depth else []
    body: dict[str, Any] = {}
    match draw(st.sampled_from(kinds)):
        case "set":
            body["set"] = draw(_LITERALS | _EXPRESSIONS.map(lambda text: f"${{ {text} }}"))
        case "raise":
            body["raise"] = {"error": {"type": "https://errors.example/e", "status": 400}}
        case "call":
            body["call"] = draw(st.sampled_from(functions))
            if draw(st.booleans()):
                body["with"] = draw(_LITERALS)
        case "switch":
            when = draw(st.sampled_from([".a?", ".b? == 1", "$context != null"]))
            body["switch"] = [{"c": {"when": when, "then": draw(then)}}]
            if draw(st.booleans()):
                body["switch"].append({"d": {"then": draw(then)}})
        case "do":
            body["do"] = draw(_lists(names, depth - 1, functions))
        case "try":
            body["try"] = draw(_lists(names, depth - 1, functions))
            body["catch"] = draw(
                st.just({}) | _lists(names, depth - 1, functions).map(lambda do: {"do": do})
            )
            if draw(st.booleans()):
                body["catch"]["then"] = draw(then)
        case "for":
            body["for"] = {"in": draw(st.sampled_from(["[1, 2]", "[]", "[{a: .}]"]))}
            body["do"] = draw(_lists(names, depth - 1, functions))
        case "fork":
            branches = draw(_lists(names, depth - 1, functions))
            for branch in branches:
                for task in branch.values():
                    assert isinstance(task, dict)
                    task.pop("then", None)
                    if "switch" in task:
                        task.pop("switch")
                        task["set"] = {"a": 1}
            body["fork"] = {"compete": draw(st.booleans()), "branches": branches}
    if draw(st.integers(0, 3)) == 0:
        body["if"] = draw(st.sampled_from([".a?", ".b? == null"]))
    if draw(st.integers(0, 3)) == 0:
        body["input"] = {"from": draw(_EXPRESSIONS)}
    if draw(st.integers(0, 3)) == 0:
        body["output"] = {"as": draw(_OUTPUTS | _LITERALS)}
    if draw(st.integers(0, 2)) == 0:
        body["export"] = {"as": draw(_OUTPUTS | st.just("$context + {a: .}") | _LITERALS)}
    if draw(st.integers(0, 2)) == 0 and "switch" not in body:
        body["then"] = draw(then)
    return body


@settings(max_examples=120, deadline=None)
@given(definition=_definitions(), data=_INPUTS)
def test_output_and_context_have_the_shapes_that_were_worked_out(
    definition: dict[str, Any], data: JsonValue
) -> None:
    plan = compile_plan(definition, Catalog())
    done = rehearse(plan, data, Answers())
    if done.outcome != "completed":
        return
    seen = seen_in(definition, Catalog())[""]

    assert isinstance(done.output, dict)
    assert _fits(done.output["value"], seen.dot[Sees.LAST_OUTPUT])
    assert _fits(done.output["context"], seen.variables[Sees.LAST_OUTPUT]["context"])


def _fits(value: JsonValue, shape: Shape) -> bool:
    return shape.alternatives is None or any(_is(value, each) for each in shape.alternatives)


def _is(value: JsonValue, alternative: Alternative) -> bool:
    match value:
        case dict():
            return alternative.kind == "object" and all(
                _fits(member, alternative.members[name]())
                if name in alternative.members
                else not alternative.is_closed
                for name, member in value.items()
            )
        case list():
            return alternative.kind == "array" and all(
                alternative.element is None or _fits(each, alternative.element()) for each in value
            )
        case _:
            kinds = {type(None): "null", bool: "boolean", str: "string"}
            return alternative.kind == kinds.get(type(value), "number")
