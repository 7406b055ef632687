"""Calls, children, other definitions, and events sent: what is asked for, and what comes back."""

from typing import Any

import pytest
from pydantic import JsonValue

from leaf_host import LeafHost, step_of
from tenuto.core.problem import Fault, standard_type
from tenuto.definitions.plan import (
    CallOptions,
    CallTask,
    ChildTask,
    EmitTask,
    Head,
    Plan,
    RunTask,
    SetTask,
)
from tenuto.workflows.interpreter import call, emit
from tenuto.workflows.interpreter import run as run_workflow
from tenuto.workflows.interpreter.child import child_arguments, child_id

OPTIONS = CallOptions(queue="definitions")
OTHER = Plan(
    head=Head(dsl="1.0.3", namespace="shop", name="pack", version="1.0.0"),
    do=(SetTask(name="one", at="/do/0/one", value=1),),
)


class Recorded:
    """Answers every call with the same, and keeps what it was called with."""

    def __init__(self, answer: JsonValue = None) -> None:
        self.asked: list[JsonValue] = []
        self._answer = answer

    async def __call__(self, argument: JsonValue) -> JsonValue:
        self.asked.append(argument)
        return self._answer


async def test_a_call_evaluates_its_arguments_and_gives_the_answer() -> None:
    priced = Recorded({"price": "12.50"})
    task = CallTask(
        name="price",
        at="/do/0/price",
        function="shop.price",
        activity="shop.price",
        arguments={"item": "${ .item }", "note": "as ${ .item }"},
        options=OPTIONS,
    )
    host = LeafHost(shop_price=priced)
    assert await call.run(task, step_of(task, host, value={"item": 7})) == {"price": "12.50"}
    assert priced.asked == [{"item": 7, "note": "as ${ .item }"}]


def child(**fields: Any) -> ChildTask:
    known = {"name": "nav", "at": "/do/0/nav", "function": "daily-nav", "type_name": "DailyNav"}
    return ChildTask(**known, arguments={}, queue="finance", **fields)


def test_a_child_takes_the_request_or_its_fields_in_order() -> None:
    assert child_arguments(child(), {"a": 1}) == [{"a": 1}]
    spreading = child(spreads_fields=("a", "b", "c"))
    assert child_arguments(spreading, {"b": 2, "a": 1}) == [1, 2]
    assert child_arguments(spreading, {}) == []
    for wrong in ({"a": 1, "c": 3}, {"a": 1, "d": 4}, [1], None):
        with pytest.raises(Fault) as fault:
            child_arguments(spreading, wrong)  # type: ignore[arg-type]
        assert fault.value.problem.type == standard_type("validation")


def test_a_child_is_called_after_its_request() -> None:
    template = "nav/{fund.fund_id}/{date}/v{version:02d}"
    request: JsonValue = {"fund": {"fund_id": "F{x}"}, "date": "2026-03-31", "version": 3}
    assert child_id(child(), request) is None
    assert child_id(child(workflow_id=template), request) == "nav/F{x}/2026-03-31/v03"


@pytest.mark.parametrize(
    "template",
    ["{missing}", "{fund}", "{fund.__class__}", "{date.year}", "{date:%Y}", "{}", "{none}", "{"],
)
def test_an_id_that_cannot_be_made_is_a_fault(template: str) -> None:
    request: JsonValue = {"fund": {"fund_id": "F1"}, "date": "2026-03-31", "none": None}
    with pytest.raises(Fault) as fault:
        child_id(child(workflow_id=template), request)
    assert fault.value.problem.status == 400


def run_task(*, is_awaited: bool = True) -> RunTask:
    return RunTask(
        name="pack",
        at="/do/0/pack",
        namespace="shop",
        workflow="pack",
        version="latest",
        input={"order": "${ .order }"},
        is_awaited=is_awaited,
        activity="definitions.load",
        options=OPTIONS,
    )


@pytest.mark.parametrize(
    ("is_awaited", "output"), [(True, {"ran": "pack"}), (False, {"order": 17})]
)
async def test_another_definition_is_loaded_and_run(is_awaited: bool, output: JsonValue) -> None:
    loaded = Recorded({"plan": OTHER.model_dump(mode="json"), "digest": "d", "version": "1.0.0"})
    host, task = LeafHost(definitions_load=loaded), run_task(is_awaited=is_awaited)
    assert await run_workflow.run(task, step_of(task, host, value={"order": 17})) == output
    assert loaded.asked == [{"namespace": "shop", "name": "pack", "version": "latest"}]
    assert host.children == [(OTHER, {"order": 17}, is_awaited)]


@pytest.mark.parametrize("answer", [None, {}, {"plan": {}}, {"plan": {"version": 2}}])
async def test_what_is_no_plan_is_a_fault(answer: JsonValue) -> None:
    host, task = LeafHost(definitions_load=Recorded(answer)), run_task()
    with pytest.raises(Fault) as fault:
        await run_workflow.run(task, step_of(task, host, value={}))
    assert fault.value.problem.type == standard_type("configuration")


def emit_task(**event: JsonValue) -> EmitTask:
    return EmitTask(
        name="tell", at="/do/0/tell", event=event, activity="events.publish", options=OPTIONS
    )


async def test_an_event_is_completed_sent_and_given_back() -> None:
    published = Recorded({"delivered_to": []})
    task = emit_task(source="/shop", type="order.placed", data={"order": "${ .order }"})
    output = await emit.run(
        task, step_of(task, LeafHost(events_publish=published), value={"order": 17})
    )
    assert output == {
        "specversion": "1.0",
        "id": "id-1",
        "time": "2026-03-31T09:00:00Z",
        "source": "/shop",
        "type": "order.placed",
        "data": {"order": 17},
        "datacontenttype": "application/json",
    }
    assert published.asked == [{"event": output}]


async def test_what_the_author_gives_is_kept() -> None:
    published = Recorded()
    given: dict[str, JsonValue] = {
        "id": "o-17",
        "time": "2026-01-01T00:00:00+01:00",
        "source": "/shop",
        "type": "t",
        "subject": "order-17",
        "region": "eu",
    }
    task = emit_task(**given, dataschema="${ null }")
    output = await emit.run(task, step_of(task, LeafHost(events_publish=published)))
    assert output == {"specversion": "1.0", **given}


@pytest.mark.parametrize(
    "event",
    [
        {"type": "t"},
        {"source": "/s"},
        {"source": "/s", "type": "${ null }"},
        {"source": "/s", "type": 5},
        {"source": "/s", "type": "t", "time": "soon"},
        {"source": "/s", "type": "t", "orderId": "x"},
        {"source": "/s", "type": "t", "specversion": "0.3"},
        {"source": "/s", "type": "t", "data": "x" * 300_000},
    ],
)
async def test_what_is_no_event_is_not_sent(event: dict[str, JsonValue]) -> None:
    published = Recorded()
    task = emit_task(**event)
    with pytest.raises(Fault) as fault:
        await emit.run(task, step_of(task, LeafHost(events_publish=published)))
    assert fault.value.problem.type == standard_type("validation")
    assert published.asked == []
