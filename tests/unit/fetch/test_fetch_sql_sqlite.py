"""`fetch.sql` on SQLite: exact values, only reading, clear refusals."""

import sqlite3
import threading
import traceback
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import sqlalchemy as sa
from temporalio.exceptions import CancelledError
from temporalio.testing import ActivityEnvironment

from tenuto.activities.fetch.sql import fetch
from tenuto.activities.fetch.sql_connection import reading_connection
from tenuto.artifacts.store import ArtifactStore
from tenuto.catalog.library.fetch.columns import ColumnSpec
from tenuto.catalog.library.fetch.sql import FetchSqlRequest, FetchSqlResult
from tenuto.core.errors import DataError, NotFoundError, TenutoError, TransientError, UsageError

ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT {} FROM n"

Run = Callable[..., FetchSqlResult]


@pytest.fixture
def book(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """A database with three trades."""
    connection = sqlite3.connect(tmp_path / "book.db")
    connection.executescript("""
        CREATE TABLE trades (
            id INTEGER PRIMARY KEY, isin TEXT, amount NUMERIC(18, 2), day DATE, is_open BOOLEAN,
            note TEXT
        );
        INSERT INTO trades VALUES (3, 'US0378331005', '1234567890.10', '2026-03-31', 1, NULL);
        INSERT INTO trades VALUES (1, 'CH0038863350', 0, '2026-03-30', 0, '');
        INSERT INTO trades VALUES (2, 'US0378331005', NULL, NULL, NULL, 'x');
        CREATE VIEW open_trades AS SELECT id FROM trades WHERE is_open = 1;
    """)
    connection.commit()
    yield connection
    connection.close()


@pytest.fixture
def run(book: sqlite3.Connection, store: ArtifactStore, tmp_path: Path) -> Run:
    """Runs `fetch.sql` on that database."""

    def run(**fields: Any) -> FetchSqlResult:
        request = FetchSqlRequest(connection=f"sqlite:///{tmp_path}/book.db", **fields)
        return ActivityEnvironment().run(fetch, request)

    return run


def test_a_table_comes_by_primary_key_with_its_own_types(run: Run, store: ArtifactStore) -> None:
    result = run(table="trades")
    assert result.rows == result.dataset.rows == 3
    table = store.get_table(result.dataset)
    assert table.schema == {
        "id": pl.Int64,
        "isin": pl.String,
        "amount": pl.Decimal(38, 2),
        "day": pl.Date,
        "is_open": pl.Boolean,
        "note": pl.String,
    }
    assert table.rows() == [
        (1, "CH0038863350", Decimal("0.00"), date(2026, 3, 30), False, ""),
        (2, "US0378331005", None, None, None, "x"),
        (3, "US0378331005", Decimal("1234567890.10"), date(2026, 3, 31), True, None),
    ]


def test_a_table_is_narrowed_by_equal_values_and_sorted(run: Run, store: ArtifactStore) -> None:
    found = run(
        table="trades", select=("id",), where={"isin": "US0378331005"}, order_by=("amount", "id")
    )
    assert store.get_table(found.dataset).rows() == [(2,), (3,)]
    missing = run(table="trades", select=("id",), where={"amount": None})
    assert store.get_table(missing.dataset).rows() == [(2,)]
    assert store.get_table(run(table="open_trades").dataset).rows() == [(3,)]


def test_a_query_takes_bound_values_and_never_runs_them(run: Run, store: ArtifactStore) -> None:
    hostile = "x' OR '1'='1"
    query = "SELECT id FROM trades WHERE isin = :isin AND id > :id ORDER BY id"
    assert run(query=query, parameters={"isin": hostile, "id": 0}).rows == 0
    found = run(query=query, parameters={"isin": "US0378331005", "id": 2})
    assert store.get_table(found.dataset)["id"].to_list() == [3]


def test_declared_columns_are_exact_and_renamed(run: Run, store: ArtifactStore) -> None:
    result = run(
        query="SELECT amount AS a, '2026-03-31 23:30:00' AS t FROM trades WHERE id = 3",
        columns=(
            ColumnSpec(name="amount", source="a", kind="decimal", scale=4),
            ColumnSpec(name="at", source="t", kind="datetime", time_zone="America/New_York"),
        ),
    )
    assert store.get_table(result.dataset).rows() == [
        (Decimal("1234567890.1000"), datetime(2026, 4, 1, 3, 30, tzinfo=UTC))
    ]


def test_a_float_with_more_digits_than_it_holds_is_no_amount(run: Run) -> None:
    amount = ColumnSpec(name="amount", kind="decimal", scale=18)
    with pytest.raises(DataError) as wrong:
        run(query="SELECT 0.1 + 0.2 AS amount", columns=(amount,))
    assert wrong.value.code == "fetch.sql-inexact"


def test_values_decide_where_nothing_is_declared(run: Run, store: ArtifactStore) -> None:
    result = run(
        query="""
            SELECT 1 AS i, 1 AS n, 'a' AS t, NULL AS nil, x'00ff' AS b
            UNION ALL SELECT -9223372036854775808, 2.5, NULL, NULL, NULL
        """
    )
    table = store.get_table(result.dataset)
    assert [str(dtype) for dtype in table.dtypes] == [
        *("Int64", "Float64", "String", "String", "Binary")
    ]
    assert table.rows() == [
        (1, 1.0, "a", None, b"\x00\xff"),
        (-(2**63), 2.5, None, None, None),
    ]


def test_kinds_may_differ_between_chunks_but_not_contradict(run: Run, store: ArtifactStore) -> None:
    query = """
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000)
        SELECT CASE WHEN i < 500 THEN i ELSE {} END AS v FROM n
    """
    result = run(query=query.format("i + 0.5"))
    table = store.get_table(result.dataset)
    assert table["v"].to_list() == [i if i < 500 else i + 0.5 for i in range(1, 1001)]
    with pytest.raises(DataError) as wrong:
        run(query=query.format("'x'"))
    assert wrong.value.code == "fetch.sql-mixed-types"


def test_no_rows_is_a_table_with_columns(run: Run, store: ArtifactStore) -> None:
    result = run(table="trades", where={"id": 99})
    assert result.rows == 0
    assert store.get_table(result.dataset).schema["amount"] == pl.Decimal(38, 2)
    assert run(query="SELECT id AS x FROM trades WHERE 1 = 0").dataset.columns[0].name == "x"


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"table": "trade"}, "fetch.sql-no-such-table"),
        ({"table": "trades", "select": ("amout",)}, "fetch.sql-no-such-column"),
        ({"table": "trades", "where": {"x": 1}}, "fetch.sql-no-such-column"),
        ({"table": "trades", "order_by": ("x",)}, "fetch.sql-no-such-column"),
        ({"query": "SELEC 1"}, "fetch.sql-not-a-select"),
        ({"query": "SELECT nothing FROM trades"}, "fetch.sql-refused"),
        ({"query": "SELECT 1 AS a, 2 AS a"}, "fetch.sql-column-twice"),
        ({"query": "SELECT 1 AS a", "columns": (ColumnSpec(name="b"),)}, "fetch.column-missing"),
        ({"table": "trades", "max_rows": 2}, "fetch.too-many-rows"),
        ({"table": "trades", "max_bytes": 20}, "fetch.too-many-bytes"),
        (
            {"table": "trades", "columns": (ColumnSpec(name="amount", is_required=True),)},
            "fetch.value-missing",
        ),
        (
            {"table": "trades", "columns": (ColumnSpec(name="isin", kind="integer"),)},
            "fetch.value-does-not-fit",
        ),
    ],
)
def test_what_cannot_be_read_as_asked_is_refused(
    fields: dict[str, Any], code: str, run: Run
) -> None:
    with pytest.raises(TenutoError) as refused:
        run(**fields)
    assert refused.value.code == code
    assert not refused.value.is_retryable


@pytest.mark.usefixtures("book")
def test_the_connection_itself_cannot_write(tmp_path: Path) -> None:
    request = FetchSqlRequest(connection=f"sqlite:///{tmp_path}/book.db", query="SELECT 1")
    with pytest.raises(DataError) as refused, reading_connection(request) as connection:
        connection.execute(sa.text("DELETE FROM trades"))
    assert refused.value.code == "fetch.sql-refused"
    assert "readonly" in refused.value.message


def test_a_misspelt_path_makes_no_database(store: ArtifactStore, tmp_path: Path) -> None:
    with pytest.raises(NotFoundError) as refused:
        fetch(FetchSqlRequest(connection=f"sqlite:///{tmp_path}/bok.db", query="SELECT 1"))
    assert refused.value.code == "fetch.sql-no-database"
    assert not (tmp_path / "bok.db").exists()


def test_a_locked_database_is_tried_again(run: Run, book: sqlite3.Connection) -> None:
    book.execute("BEGIN EXCLUSIVE")
    with pytest.raises(TransientError) as busy:
        run(table="trades")
    assert busy.value.code == "fetch.sql-interrupted"


def test_a_query_is_stopped_at_its_time_limit(run: Run) -> None:
    with pytest.raises(TransientError) as late:
        run(query=ENDLESS.format("count(*)"), timeout=timedelta(seconds=0.5))
    assert late.value.code == "fetch.sql-timeout"


@pytest.mark.parametrize("columns", ["count(*) AS n", "i"])
def test_cancelling_stops_the_query_and_leaves_nothing(
    columns: str, book: sqlite3.Connection, store: ArtifactStore, tmp_path: Path
) -> None:
    request = FetchSqlRequest(
        connection=f"sqlite:///{tmp_path}/book.db", query=ENDLESS.format(columns), max_rows=10**12
    )
    environment = ActivityEnvironment()
    cancel = threading.Timer(0.5, environment.cancel)
    cancel.start()
    with pytest.raises(CancelledError):
        environment.run(fetch, request)
    cancel.join()
    assert store.totals().blobs == 0


def test_a_password_for_a_database_that_takes_none_is_not_shown(
    store: ArtifactStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BOOK_PASSWORD", "hunter2")
    sqlite3.connect(tmp_path / "book.db").close()
    request = FetchSqlRequest(
        connection=f"sqlite:///{tmp_path}/book.db",
        password="secret://env/BOOK_PASSWORD",
        query="SELECT 1",
    )
    with pytest.raises(UsageError) as refused:
        fetch(request)
    assert refused.value.code == "fetch.sql-url-invalid"
    assert "hunter2" not in "".join(traceback.format_exception(refused.value))


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("not a url", "fetch.sql-url-invalid"),
        ("nosuch://host/db", "fetch.sql-driver-missing"),
        ("oracle+oracledb://u@host/db", "fetch.sql-driver-missing"),
        ("sqlite://", "fetch.sql-no-database"),
    ],
)
def test_a_connection_that_cannot_be_made_says_what_to_do(
    url: str, code: str, store: ArtifactStore
) -> None:
    with pytest.raises(UsageError) as refused:
        fetch(FetchSqlRequest(connection=url, query="SELECT 1"))
    assert refused.value.code == code
