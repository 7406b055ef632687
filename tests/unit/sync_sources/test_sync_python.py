"""Functions of a project's own: what they are called with, and what they may return."""

import sys
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from sync_room import Room
from tenuto.core.errors import UsageError

CODE = """\
import dlt

def orders(shop, token, window=None):
    @dlt.resource(name="orders")
    def read():
        yield [{"shop": shop, "token": token, "from": window and window.start}]
    return read

def plain(shop="x"):
    return dlt.resource([{"shop": shop}], name="plain")

def several():
    return [dlt.resource([{"n": n}], name=f"r{n}") for n in (1, 2)]

@dlt.source
def whole():
    return dlt.resource([{"n": 1}], name="whole")

def rows():
    return [{"n": 1}]

not_one = 7
"""
NAME = "a_shop_of_the_tests"


@pytest.fixture(autouse=True)
def module(room: Room) -> Iterator[None]:
    (room.root / f"{NAME}.py").write_text(CODE)
    room.monkeypatch.syspath_prepend(room.root)
    yield
    sys.modules.pop(NAME, None)


def _read(room: Room, function: str, config: dict[str, Any] | None = None, **more: Any) -> Any:
    rows = room.read("python", config or {}, function=f"{NAME}:{function}", **more)
    return [{key: each[key] for key in each if not key.startswith("_")} for each in rows]


def test_sig_5_config_and_secrets_arrive_by_name(room: Room) -> None:
    rows = _read(room, "orders", {"shop": "berlin"}, secrets={"token": "t-1"})
    assert rows == [{"shop": "berlin", "token": "t-1", "from": None}]


def test_sig_11_a_window_arrives(room: Room) -> None:
    window = (date(2026, 1, 2), date(2026, 1, 3))
    rows = _read(room, "orders", {"shop": "a"}, secrets={"token": "t"}, window=window)
    assert rows[0]["from"] == date(2026, 1, 2)
    with pytest.raises(UsageError, match="no parameter `window`"):
        _read(room, "plain", window=window)


def test_a_resource_a_list_or_a_source_may_be_returned(room: Room) -> None:
    assert _read(room, "plain") == [{"shop": "x"}]
    assert _read(room, "several") == [{"n": 1}, {"n": 2}]
    assert _read(room, "whole") == [{"n": 1}]
    opened = room.opened("python", {}, function=f"{NAME}:whole")
    assert opened.name == "room"  # one state and one schema, whatever the function calls itself


@pytest.mark.parametrize(
    ("function", "config", "said"),
    [
        ("rows", {}, "returned a list, expected a dlt source"),
        ("not_one", {}, "is no function"),
        ("plain", {"shp": 1}, "unexpected keyword argument 'shp'"),
        ("orders", {}, "missing a required argument"),
        ("nothing_like_it", {}, "nothing_like_it"),
    ],
)
def test_what_does_not_fit_is_said(
    room: Room, function: str, config: dict[str, Any], said: str
) -> None:
    with pytest.raises(UsageError, match=said):
        _read(room, function, config)


def test_a_secret_that_nobody_takes_is_refused(room: Room) -> None:
    with pytest.raises(UsageError, match="no parameter `token` for that secret") as raised:
        _read(room, "plain", secrets={"token": "t-2-secret"})
    assert "t-2-secret" not in str(raised.value)
