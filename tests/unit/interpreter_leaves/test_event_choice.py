"""Which events a listener takes, and that it leaves the others alone."""

import asyncio
import itertools
from datetime import timedelta
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from leaf_host import LeafHost, step_of
from tenuto.core.problem import Fault
from tenuto.definitions.plan import Correlation, Filter, ListenTask
from tenuto.workflows.interpreter import listen
from tenuto.workflows.interpreter.event_choice import EventChoice, same
from tenuto.workflows.interpreter.guards import BREATH, Pace
from tenuto.workflows.interpreter.host import Host
from tenuto.workflows.interpreter.inbox import Inbox


def event(number: object, type_: str = "reading", **attributes: Any) -> dict[str, Any]:
    return {"id": str(number), "source": "/sensor", "type": type_, **attributes}


def listening(mode: Any, *filters: Filter, read: Any = "envelope") -> ListenTask:
    return ListenTask(name="wait", at="/do/0/wait", mode=mode, filters=filters, read=read)


def wanted(correlate: dict[str, Correlation] | None = None, **attributes: JsonValue) -> Filter:
    return Filter(with_=attributes, correlate=correlate or {})


def ids(taken: JsonValue) -> list[str]:
    assert isinstance(taken, list)
    return [each["id"] for each in taken]  # type: ignore[index,call-overload,misc]


def offered(*events: JsonValue) -> Inbox:
    inbox = Inbox()
    for each in events:
        assert inbox.offer(each)
    return inbox


async def taken(task: ListenTask, inbox: Inbox, value: JsonValue = None, **more: Any) -> JsonValue:
    """What the task takes of what is there; `waiting` when that is not enough."""
    work = asyncio.create_task(listen.run(task, step_of(task, value=value, inbox=inbox, **more)))
    for _ in range(5):
        await asyncio.sleep(0)
    if work.done():
        return await work
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    return "waiting"


async def test_events_that_came_before_count_and_the_first_that_passes_is_taken() -> None:
    inbox = offered(event(1, "noise"), event(2), event(3))
    assert ids(await taken(listening("one", wanted(type="reading")), inbox)) == ["2"]
    assert ids(await taken(listening("one", wanted(type="reading")), inbox)) == ["3"]
    assert await taken(listening("one", wanted(type="reading")), inbox) == "waiting"
    assert ids(await taken(listening("any"), inbox)) == ["1"]


async def test_any_takes_one_event_that_passes_any_filter() -> None:
    inbox = offered(event(1, "c"), event(2, "b"), event(3, "a"))
    task = listening("any", wanted(type="a"), wanted(type="b"))
    assert ids(await taken(task, inbox)) == ["2"]
    assert [each.event["id"] for each in inbox.state().kept] == ["1", "3"]


@pytest.mark.parametrize(
    ("attribute", "passes"),
    [
        ({"data": "${ .temperature > 38 }"}, ["2"]),
        ({"data": {"temperature": 37}}, ["1"]),
        ({"subject": "${ $workflow.id }"}, ["3"]),
        ({"subject": '${ .subject | startswith("order-1") }'}, ["3"]),
        ({"source": '${ .source == "/sensor" }'}, ["1"]),
        ({"subject": "order-17"}, ["3"]),
        ({"missing": None}, "waiting"),
        ({"data": "${ .temperature > $context.limit }"}, ["2"]),
    ],
)
async def test_filters(attribute: dict[str, JsonValue], passes: JsonValue) -> None:
    inbox = offered(
        event(1, data={"temperature": 37}),
        event(2, data={"temperature": 39}),
        event(3, subject="order-17"),
    )
    task = listening("one", Filter(with_=attribute))
    result = await taken(task, inbox, context={"limit": 38})
    assert result == "waiting" if passes == "waiting" else ids(result) == passes


async def test_an_event_that_an_expression_fails_on_is_passed_over_and_shown() -> None:
    inbox = offered(event(1, data="text"), event(2, data={"temperature": 39}))
    task = listening("one", wanted(data="${ .temperature > 38 }"))
    with inbox.listening(EventChoice(task, step_of(task))) as listener:
        await listener.read(Pace(cast("Host", LeafHost())))
        assert listener.is_served()
        told: Any = inbox.pending()
        assert "event 1" in told["listening"][0]["failed_on"][0]
    assert ids(await taken(task, inbox)) == ["2"]


class Breathing(LeafHost):
    """Its clock moves when the interpreter waits."""

    def __init__(self) -> None:
        super().__init__()
        self.slept: list[timedelta] = []

    async def sleep(self, delay: timedelta, *, summary: str) -> None:
        self.slept.append(delay)
        self.pass_time(delay)


async def test_many_events_under_a_costly_filter_are_read_with_breaths_between() -> None:
    host = Breathing()
    pace = Pace(cast("Host", host))
    pace.begin()
    inbox = offered(*(event(n, data=n) for n in range(40)))
    costly = "${ reduce range(30000) as $i (0; . + 1) == -1 }"
    task = listening("all", wanted(data=costly), wanted(data="${ . == 39 }"))
    with inbox.listening(EventChoice(task, step_of(task, host))) as listener:
        await listener.read(pace)
        assert len(host.slept) > 3
        assert set(host.slept) == {BREATH}
        breaths = len(host.slept)
        await listener.read(pace)
        assert not listener.is_served()
    assert len(host.slept) == breaths, "every event is read once"


async def test_no_more_events_are_read_than_are_needed() -> None:
    inbox = offered(event(1, data=1), event(2, data=2), event(3, data="odd"))
    task = listening("one", wanted(data="${ . + 0 == 2 }"))
    with inbox.listening(EventChoice(task, step_of(task))) as listener:
        await listener.read(Pace(cast("Host", LeafHost())))
        assert listener.is_served()
        told: Any = inbox.pending()
        assert "failed_on" not in told["listening"][0]
        assert [each["id"] for each in listener.take()] == ["2"]


async def test_an_expectation_that_cannot_be_evaluated_fails_the_task() -> None:
    correlate = {"room": Correlation(from_=".room", expect='${ error("no") }')}
    task = listening("one", wanted(correlate, type="reading"))
    with pytest.raises(Fault):
        await taken(task, Inbox())


async def test_all_takes_nothing_before_all_are_there() -> None:
    task = listening("all", wanted(type="a"), wanted(type="b"))
    inbox = offered(event(1, "b"))
    assert await taken(task, inbox) == "waiting"
    assert len(inbox.state().kept) == 1
    inbox.offer(event(2, "a"))
    assert ids(await taken(task, inbox)) == ["1", "2"]


async def test_all_gives_an_event_to_the_filter_that_has_no_other() -> None:
    both, only_hot = wanted(type="reading"), wanted(data="${ .hot }")
    inbox = offered(event(1, data={"hot": True}), event(2, data={"hot": False}))
    assert ids(await taken(listening("all", both, only_hot), inbox)) == ["1", "2"]


async def test_keys_tie_the_events_of_all_to_the_first() -> None:
    room = {"room": Correlation(from_=".room")}
    task = listening("all", wanted(room, type="warmth"), wanted(room, type="damp"))
    inbox = offered(
        event(0, "warmth"),
        event(1, "warmth", room="a"),
        event(2, "damp", room="b"),
        event(3, "damp", room="a"),
    )
    assert ids(await taken(task, inbox)) == ["1", "3"]


async def test_an_expectation_is_a_constant_or_an_expression_over_the_input() -> None:
    inbox = offered(event(1, room="a"), event(2, room="b"), event(3, room="c"))
    by_input = Correlation(from_=".room", expect="${ .room }")
    constant = Correlation(from_=".room", expect="c")
    task = listening("one", wanted({"room": by_input}, type="reading"))
    assert ids(await taken(task, inbox, {"room": "b"})) == ["2"]
    assert ids(await taken(listening("one", wanted({"room": constant})), inbox)) == ["3"]


@pytest.mark.parametrize(
    ("attributes", "read", "value"),
    [
        ({"data": {"a": 1}}, "data", {"a": 1}),
        ({"data": {"a": 1}}, "raw", '{"a":1}'),
        ({"data": "text"}, "raw", "text"),
        ({"data_base64": "AAE="}, "data", "AAE="),
        ({}, "data", None),
        ({"data": 1}, "envelope", {"specversion": "1.0", **event(1), "data": 1}),
    ],
)
async def test_what_is_read(attributes: dict[str, Any], read: Any, value: JsonValue) -> None:
    inbox = offered(event(1, **attributes))
    assert await taken(listening("one", wanted(type="reading"), read=read), inbox) == [value]


@given(st.lists(st.frozensets(st.sampled_from("abc")), max_size=6))
async def test_all_is_complete_exactly_when_some_placing_is(events: list[frozenset[str]]) -> None:
    """Against trying every way to give each filter an event of its own."""
    inbox = offered(
        *(event(n, **dict.fromkeys(sorted(each), "x")) for n, each in enumerate(events))
    )
    task = listening("all", wanted(a="x"), wanted(b="x"), wanted(c="x"))
    possible = any(
        all(name in each for name, each in zip("abc", chosen, strict=True))
        for chosen in itertools.permutations(events, 3)
    )
    result = await taken(task, inbox)
    assert (result != "waiting") == possible
    if possible:
        assert ids(result) == sorted(ids(result))
        assert len(set(ids(result))) == 3


async def test_of_two_branches_only_one_takes_what_both_want() -> None:
    inbox, host = Inbox(), LeafHost()
    task = listening("one", wanted(type="reading"))
    work = [
        asyncio.create_task(listen.run(task, step_of(task, host, inbox=inbox))) for _ in range(2)
    ]
    await asyncio.sleep(0)
    inbox.offer(event(1))
    done, waiting = await asyncio.wait(work, return_when=asyncio.FIRST_COMPLETED)
    assert [ids(await each) for each in done] == [["1"]]
    for each in waiting:
        each.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    inbox.offer(event(2))
    assert len(inbox.state().kept) == 1


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        (1, 1.0, True),
        (1, True, False),
        (0, False, False),
        ([1, {"a": None}], [1, {"a": None}], True),
        ([True], [1], False),
        ({"a": 1}, {"a": 1, "b": 2}, False),
        ("1", 1, False),
    ],
)
def test_equal_as_json_is(one: JsonValue, other: JsonValue, is_same: bool) -> None:
    assert same(one, other) is is_same
