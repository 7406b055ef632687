"""Reports by day: every page of every day, days of the report's zone, filters that filter."""

import json
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from sync_room import Room
from sync_servers import answer, busy_first, entity_table, query_of
from tenuto.core.errors import DataError, TransientError
from tenuto.packs.sync.sources import days
from tenuto.packs.sync.sources.days import local_day
from tenuto.testing.loopback import Answer, LoopbackServer, Received

KEY = "k3y-of-the-report"
TODAY = date(2026, 1, 3)


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(days, "today_in", lambda _: TODAY)


def _everflow(url: str, **more: Any) -> dict[str, Any]:
    zone = {"time_zone": "America/New_York", "timezone_id": 80, "initial": "2026-01-01"}
    return {"base_url": url, "page_size": 2_000, **zone, **more}


def _redtrack(url: str, **more: Any) -> dict[str, Any]:
    return {"base_url": url, "time_zone": "Europe/Berlin", "initial": "2026-01-01", **more}


def _read(room: Room, kind: str, config: Any, respond: Any) -> tuple[list[dict[str, Any]], Any]:
    with LoopbackServer(respond) as server:
        room.reach(server.url)
        made = _everflow if kind == "everflow" else _redtrack
        rows = room.read(kind, made(server.url, **config), secrets={"api_key": KEY})
        return rows, server.received


def test_sig_6_25000_rows_arrive_as_25000(room: Room) -> None:
    rows, received = _read(room, "everflow", {}, entity_table({"2026-01-02": 25_000}))
    assert len(rows) == len({each["offer_id"] for each in rows}) == 25_000
    assert len(received) == 13 + 2  # pages of one day, and two days without rows
    asked = json.loads(received[1].body)
    assert received[1].headers["x-eflow-api-key"] == KEY
    assert (asked["from"], asked["to"], asked["timezone_id"]) == ("2026-01-02", "2026-01-02", 80)
    assert asked["query"] == {"filters": [], "page": 1, "limit": 2_000}


def test_sig_6_rows_are_flat_and_numbers_keep_one_type(room: Room) -> None:
    rows, _ = _read(room, "everflow", {}, entity_table({"2026-01-01": 3}))
    assert rows[1] == {
        "report_date": date(2026, 1, 1),
        "offer_id": "1",
        "offer": "Offer 1",
        "affiliate_id": "7",
        "affiliate": "Seven",
        "cv": Decimal(0),
        "payout": Decimal(5),
    }
    assert rows[0]["payout"] == Decimal("5.5")


def test_sig_6_the_filter_is_applied_here_too(room: Room) -> None:
    leak: dict[str, object] = {
        "columns": [
            {"column_type": "offer", "id": "1", "label": "x"},
            {"column_type": "affiliate", "id": "8", "label": "Eight"},
        ],
        "reporting": {"cv": 5},
    }
    filters = [{"column": "affiliate", "ids": ["7"]}]
    respond = entity_table({"2026-01-01": 4}, leaks=[leak])
    rows, received = _read(room, "everflow", {"filters": filters}, respond)
    assert [each["affiliate_id"] for each in rows] == ["7"] * 4
    sent = json.loads(received[0].body)["query"]["filters"]
    assert sent == [{"resource_type": "affiliate", "filter_id_value": "7"}]


def test_sig_6_pages_that_end_early_are_no_end(room: Room) -> None:
    def respond(request: Received) -> Answer:
        page = json.loads(request.body)["query"]["page"]
        found = json.loads(b"".join([entity_table({"2026-01-01": 10})(request).body]))  # type: ignore[list-item]
        table = found["table"] if page == 1 else []
        return answer({"table": table, "paging": {"total_count": 11}})

    with pytest.raises(TransientError, match="has 11 rows, and its pages ended after 10"):
        _read(room, "everflow", {}, respond)


@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Tokyo", "UTC"])
def test_sig_6_an_epoch_is_a_day_of_the_reports_zone(zone: str) -> None:
    midnight = datetime(2026, 7, 1, tzinfo=ZoneInfo(zone))
    assert local_day(str(int(midnight.timestamp())), zone) == "2026-07-01"


def test_sig_6_an_error_with_200_is_no_empty_report(room: Room) -> None:
    with pytest.raises(DataError, match="has not got `table`"):
        _read(room, "everflow", {}, lambda _: answer({"Error": "no such column"}))


def _report(by_day: Mapping[str, Any]) -> Any:
    def respond(request: Received) -> Answer:
        asked = query_of(request)
        assert asked["date_from"] == asked["date_to"]
        page, size = int(asked["page"]), int(asked["per"])
        return answer(by_day.get(asked["date_from"], [])[(page - 1) * size : page * size])

    return respond


def test_sig_7_one_call_a_day_one_second_apart(room: Room, clock: Any) -> None:
    by_day = {"2026-01-01": [{"campaign": "a", "cost": 1}], "2026-01-03": [{"campaign": "a"}]}
    rows, received = _read(room, "redtrack", {}, _report(by_day))
    asked = [query_of(each)["date_from"] for each in received]
    assert asked == ["2026-01-01", "2026-01-02", "2026-01-03"]
    assert [each["report_date"] for each in rows] == [date(2026, 1, 1), date(2026, 1, 3)]
    assert clock.slept == pytest.approx(2)


@pytest.mark.usefixtures("clock")
def test_sig_7_a_day_is_read_to_its_last_page(room: Room) -> None:
    by_day = {"2026-01-02": [{"campaign": str(n)} for n in range(250)]}
    rows, received = _read(room, "redtrack", {"page_size": 100}, _report(by_day))
    assert (len(rows), len(received)) == (250, 5)


@pytest.mark.usefixtures("clock")
def test_an_api_that_does_not_page_is_noticed(room: Room) -> None:
    rows = [{"campaign": "a"}, {"campaign": "b"}]
    with pytest.raises(DataError, match="with the same rows"):
        _read(room, "redtrack", {"page_size": 2}, lambda _: answer(rows))


@pytest.mark.usefixtures("clock")
def test_sig_8_zero_conversions_stay_zero(room: Room) -> None:
    by_day = {"2026-01-01": [{"campaign": "a", "conversions": 0, "total_conversions": 13}]}
    first_of = {"conversions": ["conversions", "total_conversions"]}
    rows, _ = _read(room, "redtrack", {"first_of": first_of}, _report(by_day))
    assert rows[0]["conversions"] == 0


def test_sig_7_a_busy_report_waits_and_gives_up(room: Room, clock: Any) -> None:
    respond = busy_first(2, _report({"2026-01-01": [{"campaign": "a"}]}))
    rows, _ = _read(room, "redtrack", {"pause": 0}, respond)
    assert len(rows) == 1
    assert clock.slept == pytest.approx(3 * (1 + 2))
    with pytest.raises(TransientError, match="answered 429") as raised:
        _read(room, "redtrack", {}, busy_first(-1, _report({})))
    assert KEY not in str(raised.value)


@pytest.mark.usefixtures("clock")
def test_a_row_without_its_key_is_an_error(room: Room) -> None:
    with pytest.raises(DataError, match="has no `campaign`"):
        _read(room, "redtrack", {}, _report({"2026-01-01": [{"clicks": 1}]}))


@pytest.mark.usefixtures("clock")
def test_sig_11_a_window_asks_for_its_days_only(room: Room) -> None:
    with LoopbackServer(_report({"2025-06-01": [{"campaign": "a"}]})) as server:
        room.reach(server.url)
        window = (date(2025, 6, 1), date(2025, 6, 2))
        config = _redtrack(server.url)
        rows = room.read("redtrack", config, secrets={"api_key": KEY}, window=window)
        assert [query_of(each)["date_from"] for each in server.received] == [
            "2025-06-01",
            "2025-06-02",
        ]
    assert len(rows) == 1


@pytest.mark.usefixtures("clock")
def test_corrections_of_the_last_days_land(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    by_day = {"2026-01-03": [{"campaign": "a", "cost": 10}]}
    with LoopbackServer(_report(by_day)) as server:
        room.reach(server.url)
        config = _redtrack(server.url, again=1)
        room.load("redtrack", config, secrets={"api_key": KEY})
        by_day["2026-01-03"][0]["cost"] = 99.5
        by_day["2026-01-02"] = [{"campaign": "late", "cost": 1}]
        server.received.clear()
        room.load("redtrack", config, secrets={"api_key": KEY})
        asked = [query_of(each)["date_from"] for each in server.received]
    assert asked == ["2026-01-02", "2026-01-03"]
    found = room.rows("SELECT campaign, cost FROM report ORDER BY 1")
    assert found == [("a", Decimal("99.5")), ("late", Decimal(1))]
