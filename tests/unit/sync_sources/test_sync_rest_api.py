"""`rest_api`: every page, busy servers, keys that nobody sees."""

import logging
import traceback
from collections.abc import Callable
from typing import Any

import pytest

from sync_room import Room
from sync_servers import answer, busy_first, pages_of, query_of
from tenuto.core.errors import DataError, TransientError, UsageError
from tenuto.testing.loopback import Answer, LoopbackServer, Received

ROWS: list[dict[str, object]] = [{"id": n, "at": f"2026-01-{n % 27 + 1:02}"} for n in range(250)]
PAGES = {"type": "page_number", "base_page": 1, "total_path": None}


def _config(url: str, **more: Any) -> dict[str, Any]:
    return {
        "client": {"base_url": url, "paginator": PAGES},
        "resources": [
            {
                "name": "orders",
                "primary_key": "id",
                "endpoint": {"path": "orders", "data_selector": "data"},
            }
        ],
        **more,
    }


def _read(room: Room, respond: Callable[[Received], Answer], **more: Any) -> tuple[int, list[Any]]:
    with LoopbackServer(respond) as server:
        room.reach(server.url)
        return len(room.read("rest_api", _config(server.url, **more))), server.received


def test_sig_5_every_page_is_loaded(room: Room) -> None:
    count, received = _read(room, pages_of(ROWS, 100))
    assert count == 250
    assert len(received) == 3 + 1  # the last one is empty


def test_sig_5_a_second_load_merges(room: Room) -> None:
    with LoopbackServer(pages_of(ROWS, 100)) as server:
        room.reach(server.url)
        for _ in range(2):
            room.load("rest_api", _config(server.url))
    assert room.rows("SELECT count(*), count(DISTINCT id), min(_client_id) FROM orders") == [
        (250, 250, "acme")
    ]


def test_sig_7_429_twice_then_200_waits_1_and_2_seconds(room: Room, clock: Any) -> None:
    count, received = _read(room, busy_first(2, pages_of(ROWS, 250)))
    assert count == 250
    assert clock.slept == pytest.approx(2 * (1 + 2))  # two pages
    assert len(received) == 2 * 3


def test_sig_7_retry_after_is_honoured(room: Room, clock: Any) -> None:
    count, _ = _read(room, busy_first(1, pages_of(ROWS, 250), {"retry-after": "9"}))
    assert count == 250
    assert clock.slept == pytest.approx(2 * 9)


@pytest.mark.usefixtures("clock")
def test_sig_7_429_for_ever_gives_up_with_the_real_error(room: Room) -> None:
    with pytest.raises(TransientError, match="answered 429") as raised:
        _read(room, busy_first(-1, pages_of(ROWS, 250), {"retry-after": "40"}))
    assert raised.value.code == "http.try-later"
    assert raised.value.details["retry_after_s"] == 40  # when the engine tries again


def test_sig_5_a_500_is_tried_again_by_the_engine(room: Room) -> None:
    with pytest.raises(TransientError, match="answered 500"):
        _read(room, busy_first(-1, pages_of(ROWS, 250), status=500))


def test_sig_5_a_401_is_not(room: Room) -> None:
    with pytest.raises(DataError, match="answered 401"):
        _read(room, busy_first(-1, pages_of(ROWS, 250), status=401))


def test_sig_5_an_empty_page_is_an_empty_read(room: Room) -> None:
    count, received = _read(room, pages_of([], 100))
    assert (count, len(received)) == (0, 1)


@pytest.mark.parametrize("where", ["header", "query", "bearer", "basic"])
def test_sig_7_no_key_in_logs_errors_or_dlts_hands(
    room: Room, where: str, caplog: pytest.LogCaptureFixture
) -> None:
    key = "k3y-that-must-not-show"
    respond = pages_of(ROWS, 100)
    caplog.set_level(logging.DEBUG)
    auth = {"kind": where, "name": "api_key", "secret": "token", "user": "me"}
    with LoopbackServer(respond) as server:
        room.reach(server.url)
        config = _config(server.url, auth=auth)
        load = room.load if where == "query" else lambda *a, **k: len(room.read(*a, **k))
        assert load("rest_api", config, secrets={"token": key}) == 250
        sent = server.received[0]
    with LoopbackServer(busy_first(-1, respond, status=403)) as server:
        room.reach(server.url)
        config = _config(server.url, auth=auth)
        with pytest.raises(DataError) as raised:
            room.read("rest_api", config, secrets={"token": key})
    shown = f"{sent.path} {sent.headers}"
    assert key in shown or where == "basic"
    assert (key in sent.path) == (where == "query")
    assert key not in "".join(traceback.format_exception(raised.value))
    assert key not in caplog.text
    for file in room.root.rglob("*"):
        assert not file.is_file() or key.encode() not in file.read_bytes(), file


def test_a_next_page_on_another_server_gets_no_key(room: Room) -> None:
    with LoopbackServer(lambda _: answer([])) as other:

        def respond(_: Received) -> Answer:
            return answer({"data": ROWS[:2], "next": f"{other.url}/orders?page=2"})

        with LoopbackServer(respond) as server:
            room.reach(server.url, other.url)
            config = _config(server.url)
            config["client"]["paginator"] = {"type": "json_link", "next_url_path": "next"}
            with pytest.raises(DataError, match="another server"):
                room.read("rest_api", config)
        assert not other.received


def test_private_addresses_are_refused(room: Room) -> None:
    with LoopbackServer(pages_of(ROWS, 100)) as server:
        room.reach()
        with pytest.raises(UsageError, match="not a public address"):
            room.read("rest_api", _config(server.url))
        assert not server.received


def test_pages_that_are_not_described_are_refused(room: Room) -> None:
    config = _config("http://127.0.0.1:9")
    del config["client"]["paginator"]
    with pytest.raises(UsageError, match="does not say how its pages follow"):
        room.read("rest_api", config)


def test_an_answer_without_the_rows_is_no_empty_page(room: Room) -> None:
    with pytest.raises(DataError, match="has no `data`; it has `error`"):
        _read(room, lambda _: answer({"error": "quota"}))


def test_a_list_of_errors_is_not_taken_for_rows(room: Room) -> None:
    config_of_rows = {"name": "orders", "endpoint": {"path": "orders"}}
    with LoopbackServer(lambda _: answer({"errors": [{"code": 7}]})) as server:
        room.reach(server.url)
        config = _config(server.url, resources=[config_of_rows])
        with pytest.raises(DataError, match="is no list of rows"):
            room.read("rest_api", config)


def test_a_cursor_is_sent_and_a_boundary_correction_lands(room: Room) -> None:
    rows: list[dict[str, object]] = [
        {"id": 1, "at": "2026-01-01", "v": 1},
        {"id": 2, "at": "2026-01-02", "v": 10},
    ]

    def respond(request: Received) -> Answer:
        since = query_of(request)["since"]
        return answer([each for each in rows if str(each["at"]) >= since])

    with LoopbackServer(respond) as server:
        room.reach(server.url)
        cursor = {"type": "incremental", "cursor_path": "at", "initial_value": "2026-01-01"}
        config = {
            "client": {"base_url": server.url, "paginator": "single_page"},
            "resources": [
                {
                    "name": "orders",
                    "primary_key": "id",
                    "endpoint": {"path": "orders", "params": {"since": cursor}},
                }
            ],
        }
        room.load("rest_api", config)
        rows[1]["v"] = 99
        room.load("rest_api", config)
        assert [query_of(each)["since"] for each in server.received] == ["2026-01-01", "2026-01-02"]
    assert room.rows("SELECT id, v FROM orders ORDER BY id") == [(1, 1), (2, 99)]
