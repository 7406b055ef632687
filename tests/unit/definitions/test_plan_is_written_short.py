"""A plan comes back as it was, whatever was left out of its text; anything else is no plan."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue, ValidationError

from tenuto.definitions.plan import (
    CallOptions,
    CallTask,
    Catch,
    DoTask,
    ForkTask,
    Head,
    Plan,
    SetTask,
    Task,
    TryTask,
)

_HEAD = Head(dsl="1.0.3", namespace="unit", name="short", version="1.0.0")
_NAMES = st.sampled_from(["a", "b/c", "d~e"])
_OPTIONS = st.builds(CallOptions, queue=st.sampled_from(["one", "two"]))


def _call(name: str, at: str, function: str, options: CallOptions) -> CallTask:
    return CallTask(
        name=name, at=at, function=function, activity="f", arguments={}, options=options
    )


_LEAVES: st.SearchStrategy[Task] = st.one_of(
    st.builds(
        _call,
        _NAMES,
        st.sampled_from(["/do/0/a", "/do/0/b~1c", "/do/0/d~0e"]),
        st.sampled_from(["f", "g", "f:1.0.0@default"]),
        _OPTIONS,
    ),
    st.builds(SetTask, name=_NAMES, at=st.just("/do/1/a"), value=st.sampled_from([None, {}, "x"])),
)


def _nested(inner: st.SearchStrategy[Task]) -> st.SearchStrategy[Task]:
    tasks = st.lists(inner, min_size=1, max_size=3).map(tuple)
    at = st.just("/do/2/b~1c")
    return st.one_of(
        st.builds(DoTask, name=_NAMES, at=at, do=tasks),
        st.builds(ForkTask, name=_NAMES, at=at, branches=tasks),
        st.builds(TryTask, name=_NAMES, at=at, tasks=tasks, catch=st.builds(Catch, do=tasks)),
    )


@given(st.lists(st.recursive(_LEAVES, _nested, max_leaves=8), min_size=1, max_size=4).map(tuple))
def test_a_plan_comes_back_as_it_was(tasks: tuple[Task, ...]) -> None:
    plan = Plan(head=_HEAD, do=tasks)
    assert Plan.model_validate_json(plan.model_dump_json()) == plan
    assert Plan.model_validate(plan.model_dump(mode="json")) == plan


def test_equal_options_are_written_once() -> None:
    options = CallOptions(queue="work", start_to_close_s=60)
    calls = tuple(_call(f"t{n}", f"/do/{n}/t{n}", "f", options) for n in range(9))
    written = json.loads(Plan(head=_HEAD, do=calls).model_dump_json())
    assert written["options"] == [{"queue": "work", "start_to_close_s": 60}]
    assert written["do"][8] == {
        "at": "/do/8/t8",
        "kind": "call",
        "activity": "f",
        "arguments": {},
        "options": 0,
    }


@pytest.mark.parametrize(
    "tasks",
    [5, [5], [{}], [{"at": 5}], [{"at": "/a"}], [{"at": "/a", "kind": "call", "options": 7}]],
    ids=str,
)
def test_what_is_no_plan_is_refused(tasks: JsonValue) -> None:
    with pytest.raises(ValidationError):
        Plan.model_validate({"head": _HEAD.model_dump(), "do": tasks})
