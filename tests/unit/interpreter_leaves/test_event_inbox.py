"""Events are kept in order, once each, and nothing that comes can harm the run."""

from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from leaf_host import LeafHost, step_of
from tenuto.definitions.plan import Filter, ListenTask
from tenuto.workflows.interpreter.cloud_events import MOST_DEPTH, MOST_EVENT_CHARS
from tenuto.workflows.interpreter.event_choice import EventChoice
from tenuto.workflows.interpreter.guards import Pace
from tenuto.workflows.interpreter.host import Host
from tenuto.workflows.interpreter.inbox import (
    MOST_KEPT,
    REMEMBERED,
    Inbox,
    InboxState,
    Listener,
)

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


def event(number: object, **attributes: Any) -> dict[str, Any]:
    return {"id": str(number), "source": "/shop", "type": "order.placed", **attributes}


def choice(*types: str, mode: Any = "any") -> EventChoice:
    task = ListenTask(
        name="wait",
        at="/do/0/wait",
        mode=mode,
        filters=tuple(Filter(with_={"type": each}) for each in types),
    )
    return EventChoice(task, step_of(task))


async def is_served(listener: Listener) -> bool:
    """Whether it is, once it has read what is there."""
    await listener.read(Pace(cast("Host", LeafHost())))
    return listener.is_served()


def kept_ids(inbox: Inbox) -> list[JsonValue]:
    return [each.event["id"] for each in inbox.state().kept]


def deep(levels: int) -> JsonValue:
    value: JsonValue = 1
    for _ in range(levels):
        value = [value]
    return value


@pytest.mark.parametrize(
    ("garbage", "reason"),
    [
        (None, "is an object, not NoneType"),
        ("order.placed", "is an object, not str"),
        ([event(1)], "is an object, not list"),
        ({}, "`id` is missing"),
        ({"id": "1", "source": "/shop"}, "`type` is missing"),
        ({"source": "/shop", "type": "t"}, "`id` is missing"),
        (event(" "), "`id` is missing"),
        ({**event(1), "id": 1}, "`id` is missing or no text"),
        (event(1, specversion="0.3"), "`specversion` is not"),
        (event(1, subject={}), "`subject` is no text"),
        (event(1, time="yesterday"), "`time` is no date"),
        (event(1, data=1, data_base64="MQ=="), "both `data`"),
        (event(1, data="x" * MOST_EVENT_CHARS), "is not taken"),
        (event(1, data=deep(MOST_DEPTH)), "is not taken"),
        (event("x" * 2000), "longer than"),
    ],
)
def test_garbage_is_refused_and_shown(garbage: JsonValue, reason: str) -> None:
    inbox = Inbox()
    assert not inbox.offer(garbage)
    told: Any = inbox.pending()
    assert told["refused"] == 1
    assert told["kept"] == 0
    assert reason in told["latest_refused"][0]["reason"]


@given(st.lists(json_values))
def test_whatever_comes_is_kept_or_counted(values: list[JsonValue]) -> None:
    inbox = Inbox()
    kept = sum(inbox.offer(value) for value in values)
    told: Any = inbox.pending()
    assert kept == told["kept"]
    assert told["kept"] + told["duplicates"] + told["refused"] == len(values)
    assert len(told["latest_refused"]) <= 20


async def test_an_event_that_comes_twice_is_kept_once_even_after_it_was_taken() -> None:
    inbox = Inbox()
    assert inbox.offer(event(1))
    assert not inbox.offer(event(1, data="other"))
    assert inbox.offer(event(1, source="/other-shop"))
    with inbox.listening(choice("order.placed")) as listener:
        assert await is_served(listener)
        assert [each["source"] for each in listener.take()] == ["/shop"]
    assert not inbox.offer(event(1))
    again = Inbox(InboxState.model_validate_json(inbox.state().model_dump_json()))
    assert not again.offer(event(1))
    told: Any = again.pending()
    assert (told["kept"], told["duplicates"], told["arrived"]) == (1, 3, 2)


async def test_memory_of_what_came_and_what_is_kept_are_bounded() -> None:
    inbox = Inbox()
    for number in range(MOST_KEPT):
        assert inbox.offer(event(number))
    assert not inbox.offer(event("one more"))
    told: Any = inbox.pending()
    assert told["latest_refused"][-1]["code"] == "events.inbox-full"
    with inbox.listening(choice("order.placed")) as listener:
        for number in range(REMEMBERED):
            assert await is_served(listener)
            listener.take()
            assert inbox.offer(event(f"later {number}"))
    assert len(inbox.state().seen) == REMEMBERED
    # What could not be kept was not remembered either, so it may be sent again.
    with inbox.listening(choice("order.placed")) as listener:
        assert await is_served(listener)
        listener.take()
    assert inbox.offer(event("one more"))


def test_the_size_of_all_that_is_kept_is_bounded() -> None:
    inbox = Inbox()
    taken = sum(inbox.offer(event(n, data="x" * 250_000)) for n in range(10))
    assert taken == 3
    again = Inbox(inbox.state())
    assert not again.offer(event("one more", data="x" * 250_000))


async def test_listeners_take_in_turn_and_one_that_is_gone_takes_nothing() -> None:
    inbox = Inbox()
    inbox.offer(event(1))
    inbox.offer(event(2))
    with inbox.listening(choice("order.placed")) as winner:
        with inbox.listening(choice("order.placed")) as loser:
            assert await is_served(winner)
            assert not await is_served(loser)
            assert [each["id"] for each in winner.take()] == ["1"]
        assert not await is_served(loser)
    assert kept_ids(inbox) == ["2"]


async def test_a_listener_cancelled_in_its_turn_gives_the_turn_and_the_events_back() -> None:
    inbox = Inbox()
    inbox.offer(event(1))
    with inbox.listening(choice("order.placed")) as cancelled:
        assert await is_served(cancelled)
    with inbox.listening(choice("order.placed")) as next_one:
        assert await is_served(next_one)
        assert [each["id"] for each in next_one.take()] == ["1"]


async def test_state_goes_through_json_with_order_kept() -> None:
    inbox = Inbox()
    for number in (3, 1, 2):
        inbox.offer(event(number, data={"n": number}))
    inbox.offer("garbage")
    state = InboxState.model_validate_json(inbox.state().model_dump_json())
    again = Inbox(state)
    assert again.state() == inbox.state()
    assert kept_ids(again) == ["3", "1", "2"]
    with again.listening(choice("order.placed")) as listener:
        assert await is_served(listener)
        assert [each["id"] for each in listener.take()] == ["3"]
