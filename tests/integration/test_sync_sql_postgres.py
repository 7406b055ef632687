"""Kind `sql` on a real PostgreSQL: cursors of moments, windows, casts, and never a write."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from postgres import PASSWORD, Postgres, postgres
from sync_room import Room
from tenuto.core.errors import UsageError

__all__ = ["postgres"]

TABLES = """\
DROP SCHEMA IF EXISTS desk CASCADE;
CREATE SCHEMA desk;
CREATE TABLE desk.trades (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(), number bigint, at timestamptz, amount numeric(18,4)
);
INSERT INTO desk.trades (number, at, amount) VALUES
  (1, '2026-03-07 12:00-05', 0.1000), (2, '2026-03-08 23:30-04', 12345678901234.5678),
  (3, '2026-03-09 00:30-04', 3);
"""


@pytest.fixture
def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Room:
    return Room(tmp_path, monkeypatch)


@pytest.fixture
def desk(postgres: Postgres) -> Iterator[sa.Engine]:
    engine = sa.create_engine(postgres.url_with_password)
    with engine.begin() as connection:
        for statement in TABLES.split(";\n")[:-1]:
            connection.execute(sa.text(statement))
    yield engine
    engine.dispose()


def _config(postgres: Postgres, **table: Any) -> dict[str, Any]:
    named = {"name": "trades", "schema_name": "desk", **table}
    return {"connection": postgres.url, "tables": [named]}


def _numbers(rows: list[dict[str, Any]]) -> list[int]:
    return [each["number"] for each in rows]


@pytest.mark.usefixtures("desk")
def test_sig_5_values_arrive_exact_and_a_key_is_found(room: Room, postgres: Postgres) -> None:
    secrets = {"password": PASSWORD}
    rows = room.read("sql", _config(postgres), secrets=secrets)
    assert [each["amount"] for each in rows] == [
        Decimal("0.1000"),
        Decimal("12345678901234.5678"),
        Decimal(3),
    ]
    opened = room.opened("sql", _config(postgres), secrets=secrets)
    table = opened.resources["trades"].compute_table_schema()
    assert [name for name, each in table["columns"].items() if each.get("primary_key")] == ["id"]


def test_sig_9_a_correction_at_the_cursors_moment_lands(
    room: Room, postgres: Postgres, desk: sa.Engine
) -> None:
    secrets, config = {"password": PASSWORD}, _config(postgres, cursor="at")
    assert room.load("sql", config, secrets=secrets) == 3
    with desk.begin() as connection:
        connection.execute(sa.text("UPDATE desk.trades SET amount = 99 WHERE number = 3"))
        connection.execute(
            sa.text("INSERT INTO desk.trades (number, at) VALUES (4, '2026-03-09 00:31-04')")
        )
    assert room.load("sql", config, secrets=secrets) == 2
    found = room.rows("SELECT number, CAST(amount AS DOUBLE) FROM trades ORDER BY number")
    assert found[2:] == [(3, 99.0), (4, None)]
    assert len(found) == 4


@pytest.mark.usefixtures("desk")
def test_sig_11_days_are_those_of_the_zone(room: Room, postgres: Postgres) -> None:
    config = _config(postgres, cursor="at", time_zone="America/New_York")
    for day, expected in ((7, [1]), (8, [2]), (9, [3])):  # the 8th has 23 hours there
        window = (date(2026, 3, day), date(2026, 3, day))
        rows = room.read("sql", config, secrets={"password": PASSWORD}, window=window)
        assert _numbers(rows) == expected


@pytest.mark.usefixtures("desk")
def test_sig_15_casts_and_names_that_begin_like_others(room: Room, postgres: Postgres) -> None:
    query = (
        "SELECT id, number, at FROM desk.trades"
        " WHERE at::date >= :day AND at::date < :day_after AND :text <> ':day' ORDER BY number"
    )
    parameters = {"day": "2026-03-07", "day_after": "2026-03-08", "text": "'; DROP TABLE x; --"}
    config = _config(postgres, query=query, parameters=parameters)
    assert _numbers(room.read("sql", config, secrets={"password": PASSWORD})) == [1]


def test_nothing_is_written(room: Room, postgres: Postgres, desk: sa.Engine) -> None:
    query = "WITH gone AS (DELETE FROM desk.trades RETURNING id) SELECT * FROM gone"
    with pytest.raises(UsageError, match="has `DELETE`"):
        room.read("sql", _config(postgres, query=query), secrets={"password": PASSWORD})
    with desk.begin() as connection:
        assert connection.scalar(sa.text("SELECT count(*) FROM desk.trades")) == 3
