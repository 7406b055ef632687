"""Databases: bound parameters, a cursor that keeps corrections, never a write."""

import sqlite3
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from sync_room import Room
from tenuto.core.errors import DataError, NotFoundError, UsageError


@pytest.fixture
def book(room: Room) -> Path:
    path = room.root / "book.db"
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("CREATE TABLE trades (id INTEGER PRIMARY KEY, day DATE, v INTEGER)")
        db.executemany(
            "INSERT INTO trades VALUES (?, ?, ?)",
            [(1, "2026-01-01", 1), (2, "2026-01-02", 10), (3, "2026-01-02", 3)],
        )
    return path


def _config(book: Path, **table: Any) -> dict[str, Any]:
    return {"connection": f"sqlite:///{book}", "tables": [{"name": "trades", **table}]}


def _change(book: Path, statement: str, *values: Any) -> None:
    with closing(sqlite3.connect(book)) as db, db:
        db.execute(statement, values)


def test_sig_5_a_cursor_keeps_corrections_on_its_boundary(room: Room, book: Path) -> None:
    assert room.load("sql", _config(book, cursor="day")) == 3
    _change(book, "UPDATE trades SET v = 99 WHERE id = 2")
    _change(book, "INSERT INTO trades VALUES (4, '2026-01-03', 4)")
    assert room.load("sql", _config(book, cursor="day")) == 3  # the boundary's two, and the new
    found = room.rows("SELECT id, v, day FROM trades ORDER BY id")
    assert [each[:2] for each in found] == [(1, 1), (2, 99), (3, 3), (4, 4)]
    assert found[0][2] == date(2026, 1, 1)


def test_a_query_has_bound_parameters(room: Room, book: Path) -> None:
    query = "SELECT id, v FROM trades WHERE v > :low AND :text <> ''"
    hostile = "'; DROP TABLE trades; --"
    config = _config(book, query=query, parameters={"low": 2, "text": hostile})
    assert [each["id"] for each in room.read("sql", config)] == [2, 3]
    assert [each["id"] for each in room.read("sql", _config(book))] == [1, 2, 3]


def test_a_query_with_a_cursor_begins_where_it_is_told(room: Room, book: Path) -> None:
    query = "SELECT id, CAST(day AS TEXT) AS day FROM trades"
    more = {"cursor": "day", "primary_key": ["id"], "initial": "2026-01-02"}
    assert [each["id"] for each in room.read("sql", _config(book, query=query, **more))] == [2, 3]


def test_sig_11_a_window(room: Room, book: Path) -> None:
    day = date(2026, 1, 2)
    rows = room.read("sql", _config(book, cursor="day"), window=(day, day))
    assert [each["id"] for each in rows] == [2, 3]


def test_a_window_without_a_cursor_is_refused(room: Room, book: Path) -> None:
    with pytest.raises(UsageError, match="has no `cursor`"):
        room.read("sql", _config(book), window=(date(2026, 1, 1), date(2026, 1, 1)))


def test_a_row_without_a_cursor_is_not_lost_in_silence(room: Room, book: Path) -> None:
    _change(book, "INSERT INTO trades VALUES (5, NULL, 4)")
    with pytest.raises(DataError, match="has no `day`, which is its cursor"):
        room.read("sql", _config(book, cursor="day"))


def test_a_wrong_table_or_column_is_named(room: Room, book: Path) -> None:
    with pytest.raises(NotFoundError, match="no table or view `trade`"):
        room.read("sql", _config(book, name="trade"))
    with pytest.raises(NotFoundError, match="has no column `vv`; it has `id`"):
        room.read("sql", _config(book, columns=["id", "vv"]))


def test_nothing_is_written(room: Room, book: Path) -> None:
    config = _config(book, query="DELETE FROM trades RETURNING id")
    with pytest.raises(UsageError, match="has `DELETE`, and fetching only reads"):
        room.read("sql", config)


def test_a_password_in_the_url_is_refused(room: Room, book: Path) -> None:
    config = _config(book) | {"connection": "postgresql://me:pw-7@localhost/x"}
    with pytest.raises(UsageError, match="carries a password") as raised:
        room.read("sql", config)
    assert "pw-7" not in str(raised.value)
