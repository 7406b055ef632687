"""Rows that come into DuckDB as JSON lines are the rows dlt writes there with INSERT."""

import uuid
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import dlt
import duckdb
from dlt.common.configuration.container import Container
from dlt.common.pipeline import PipelineContext

from tenuto.packs.sync.activities.loading.duckdb_files import TypedDuckDB
from tenuto.packs.sync.activities.loading.isolation import isolate

ROWS: list[dict[str, Any]] = [
    {
        "id": 1,
        "it's": "01/02/2026",
        "day": "2026-3-2",
        "said": "a\nb'\"\\é😀\t",
        "amount": Decimal("12345678901234567890.12"),
        "long": Decimal("0.1234567891234"),
        "big": 2**60 + 1,
        "moment": datetime(2026, 3, 4, 5, 6, 7, 123456, tzinfo=UTC),
        "abroad": datetime(2026, 3, 4, 5, tzinfo=timezone(timedelta(hours=2))),
        "early": datetime(1, 1, 1, tzinfo=UTC),
        "date": date(2026, 3, 4),
        "time": time(12, 13, 14, 123456),
        "ratio": 0.1 + 0.2,
        "is_new": True,
        "bytes": b"\x00abc",
        "key": uuid.UUID(int=5),
        "nested": {"k": 1, "n": {"x": None}},
        "listed": [1, "x", {"deep": 1.5}],
        "text_of_json": '{"a": [1, 2]}',
        "mixed": 1,
        "parts": [{"n": 1}, {"n": None, "m": "x"}],
    },
    {"id": 2, "mixed": "text", "nested": {"other": "keys"}, "text_of_json": "[]"},
    {"id": 3, "ratio": 1},
]
AS_JSON: Any = {name: {"data_type": "json"} for name in ("nested", "listed", "text_of_json")}


def loaded(folder: Path, kind: Any) -> dict[str, tuple[list[Any], list[Any]]]:
    """Table -> its columns with their types, and its rows."""
    isolate(folder / "dlt")
    Container()[PipelineContext].deactivate()
    folder.mkdir()
    file = folder / "odd [1]*?.duckdb"
    pipeline = dlt.pipeline(
        "odd",
        pipelines_dir=str(folder / "pipelines [a]*"),
        destination=kind(str(file)),
        dataset_name="main",
    )
    resource = dlt.resource(ROWS, name="odd", write_disposition="append", columns=AS_JSON)
    pipeline.run(resource)
    pipeline.drop()
    found = {}
    with duckdb.connect(str(file), read_only=True) as connection:
        for table in ("odd", "odd__parts"):
            query = f"SELECT COLUMNS('^[^_]') FROM {table} ORDER BY ALL"  # noqa: S608
            rows = connection.execute(query)
            columns = [(each[0], str(each[1])) for each in rows.description or ()]
            found[table] = (columns, rows.fetchall())
    return found


def test_every_kind_of_value_is_the_same(tmp_path: Path) -> None:
    ours = loaded(tmp_path / "lines", TypedDuckDB)
    assert ours == loaded(tmp_path / "inserts", dlt.destinations.duckdb)
    (columns, rows) = ours["odd"]
    first = dict(zip([name for name, _ in columns], rows[0], strict=True))
    assert first["it_s"] == "01/02/2026"
    assert first["text_of_json"] == '{"a":[1,2]}'
    assert len(ours["odd__parts"][1]) == 2


def test_a_row_may_be_longer_than_duckdb_expects(tmp_path: Path) -> None:
    isolate(tmp_path / "dlt")
    Container()[PipelineContext].deactivate()
    pipeline = dlt.pipeline(
        "long",
        pipelines_dir=str(tmp_path / "pipelines"),
        destination=TypedDuckDB(str(tmp_path / "long.duckdb")),
        dataset_name="main",
    )
    pipeline.run([{"id": 1, "text": "x" * 40_000_000}], table_name="long")
    with duckdb.connect(str(tmp_path / "long.duckdb"), read_only=True) as connection:
        assert connection.execute("SELECT length(text) FROM main.long").fetchall() == [
            (40_000_000,)
        ]
    pipeline.drop()
