"""CSV files: each once, the oldest first, none skipped, nothing half."""

import os
from datetime import date
from pathlib import Path
from typing import Any

import fsspec  # type: ignore[import-untyped]
import pytest

from sync_room import Room
from tenuto.core.errors import DataError, PolicyDenied

PREFIX = "orders-create"


def _config(**more: Any) -> dict[str, Any]:
    return {"url": "in", "prefixes": [PREFIX], **more}


def _deliver(room: Room, name: str, *ids: str, header: str = "id,amount", end: str = "\n") -> Path:
    path = room.root / "in" / PREFIX / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join([header, *(f"{each},1.50" for each in ids)]) + end)
    return path


def _ids(room: Room) -> list[str]:
    return [each for (each,) in room.rows("SELECT id FROM orders_create ORDER BY id")]


def test_sig_10_columns_types_and_key(room: Room) -> None:
    _deliver(room, "a/b/x-2026-01-05.csv", "1", "2")
    assert room.load("files", _config(columns={"amount": "decimal"})) == 2
    found = room.rows(
        "SELECT _file_name, _row_id, _file_date, _client_id, _loaded_at IS NULL, amount"
        " FROM orders_create ORDER BY _row_id"
    )
    assert [each[:5] for each in found] == [
        ("a/b/x-2026-01-05.csv", n, date(2026, 1, 5), "acme", False) for n in (1, 2)
    ]
    assert str(found[0][5]) == "1.500000000"


def test_sig_10_max_files_takes_the_oldest_and_loses_none(room: Room) -> None:
    for day in (3, 1, 2, 5, 4):
        _deliver(room, f"x-2026-01-0{day}.csv", str(day))
    seen = []
    for _ in range(3):
        room.load("files", _config(max_files=2))
        seen.append(_ids(room))
    assert seen == [["1", "2"], ["1", "2", "3", "4"], ["1", "2", "3", "4", "5"]]
    assert room.load("files", _config(max_files=2)) == 0


def test_sig_10_max_files_says_that_files_wait(room: Room) -> None:
    for day in (1, 2, 3):
        _deliver(room, f"x-2026-01-0{day}.csv", str(day))
    assert len(room.read("files", _config(max_files=2))) == 2
    assert room.remarks == [f"{PREFIX}: 1 later files wait for the next load (`max_files`)"]


def test_sig_10_late_and_same_day_files_are_loaded(room: Room) -> None:
    _deliver(room, "x-2026-01-05.csv", "first")
    room.load("files", _config())
    _deliver(room, "y-2026-01-05.csv", "same-day")
    _deliver(room, "x-2026-01-02.csv", "late")
    room.load("files", _config())
    assert _ids(room) == ["first", "late", "same-day"]


def test_sig_10_a_redelivered_name_replaces_its_rows(room: Room) -> None:
    _deliver(room, "x-2026-01-05.csv", "a", "b", "c")
    _deliver(room, "y-2026-01-05.csv", "z")
    room.load("files", _config())
    _deliver(room, "x-2026-01-05.csv", "a", "B")
    room.load("files", _config())
    assert _ids(room) == ["B", "a", "z"]


def test_sig_10_no_date_in_the_name(room: Room) -> None:
    _deliver(room, "orders.csv", "1")
    _deliver(room, "x-2026-13-45.csv", "2")
    rows = room.read("files", _config())
    assert [each["_file_date"] for each in rows] == [None, None]
    assert room.remarks[0].startswith(f"{PREFIX}: 2 files have no date in their name")


@pytest.mark.parametrize(
    "broken", ["a,1.50\nb", 'a,1.50\n"b, half', ""], ids=["cells", "quotes", "empty"]
)
def test_sig_10_a_half_written_file_waits(room: Room, broken: str) -> None:
    _deliver(room, "x-2026-01-05.csv", "a")
    half = _deliver(room, "x-2026-01-06.csv")
    half.write_text(f"id,amount\n{broken}" if broken else "")
    assert [each["id"] for each in room.read("files", _config())] == ["a"]
    assert room.remarks[0].startswith("x-2026-01-06.csv waits for the next load")


def test_sig_10_what_grows_is_loaded_whole(room: Room) -> None:
    path = _deliver(room, "x-2026-01-05.csv", "a")
    room.load("files", _config())
    path.write_text(path.read_text() + "b,1\n")
    room.load("files", _config())
    assert _ids(room) == ["a", "b"]


@pytest.mark.parametrize("name", ["x-2026-01-05.csv.part", ".x-2026-01-05.csv", "x.csv"])
def test_sig_10_unfinished_names_wait(room: Room, name: str) -> None:
    _deliver(room, name, "a")
    (room.root / "in" / PREFIX / "x.csv.tmp").touch()
    assert room.read("files", _config()) == []


def test_sig_10_young_files_wait(room: Room) -> None:
    _deliver(room, "x-2026-01-05.csv", "young")
    old = _deliver(room, "x-2026-01-06.csv", "old")
    os.utime(old, (1_700_000_000, 1_700_000_000))
    rows = room.read("files", _config(min_age="10 minutes"))
    assert [each["id"] for each in rows] == ["old"]


def test_sig_10_a_prefix_is_a_folder_and_no_beginning(room: Room) -> None:
    _deliver(room, "x-2026-01-05.csv", "a")
    config = {"url": "in", "prefixes": ["orders"]}
    (room.root / "in" / "orders").mkdir()
    assert room.read("files", config) == []


@pytest.mark.parametrize(
    ("header", "cells", "said"),
    [
        ("id,id", ("a",), "names `id` twice"),
        ("id,", ("a",), "without a name"),
        ("id,amount,more", ("a",), "line 2 has 2 cells"),
    ],
)
def test_a_broken_table_names_file_and_line(
    room: Room, header: str, cells: tuple[str, ...], said: str
) -> None:
    _deliver(room, "x-2026-01-05.csv", *cells, header=header)
    with pytest.raises(DataError, match=said) as raised:
        room.read("files", _config())
    assert "x-2026-01-05.csv" in raised.value.message


def test_sig_10_a_bucket(room: Room) -> None:
    bucket = fsspec.filesystem("memory")
    bucket.pipe("/exports/orders-create/2026/x-2026-01-05.csv", b"\xef\xbb\xbfid\na\n")
    bucket.pipe("/exports/orders-create-more/x-2026-01-05.csv", b"id\nno\n")
    config = {"url": "memory://exports", "prefixes": [PREFIX]}
    with pytest.raises(PolicyDenied, match="TENUTO_FILES_REMOTES"):
        room.read("files", config)
    room.monkeypatch.setenv("TENUTO_FILES_REMOTES", "memory://exports")
    try:
        assert [each["id"] for each in room.read("files", config)] == ["a"]
    finally:
        bucket.rm("/exports", recursive=True)


def test_folders_outside_are_refused(room: Room, tmp_path_factory: pytest.TempPathFactory) -> None:
    outside = tmp_path_factory.mktemp("outside")
    with pytest.raises(PolicyDenied, match="outside the folders"):
        room.read("files", {"url": str(outside), "prefixes": [PREFIX]})


def test_sig_11_a_window_takes_its_days_and_moves_nothing(room: Room) -> None:
    for day in (1, 2, 3):
        _deliver(room, f"x-2026-01-0{day}.csv", str(day))
    room.load("files", _config(), window=(date(2026, 1, 2), date(2026, 1, 3)))
    assert _ids(room) == ["2", "3"]
    assert room.load("files", _config()) == 3  # the regular sync still has everything to do
    assert _ids(room) == ["1", "2", "3"]
