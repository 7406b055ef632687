"""`fetch.sql` on a real PostgreSQL: exact types, only reading, stopped when told, no leaks."""

import contextlib
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

from postgres import PASSWORD, Postgres, postgres
from tenuto.activities.fetch.sql import fetch
from tenuto.activities.fetch.sql_connection import reading_connection
from tenuto.artifacts.current import use_store
from tenuto.artifacts.store import ArtifactStore, open_store
from tenuto.catalog.library.fetch.columns import ColumnSpec
from tenuto.catalog.library.fetch.sql import FetchSqlRequest, FetchSqlResult
from tenuto.core.errors import DataError, TransientError, UnreachableError
from tenuto.testing import eventually

__all__ = ["postgres"]

Run = Callable[..., FetchSqlResult]

EVERY_TYPE = """
    CREATE TABLE every_type (
        id bigint PRIMARY KEY, price numeric, amount numeric(18, 4), day date,
        at timestamptz, local_at timestamp, payload jsonb, key uuid, raw bytea, numbers int[],
        ratio float8, note text, is_open boolean, hour time
    );
    INSERT INTO every_type VALUES
        (2, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
        (1, 1.10000000000000000001, 2.5, '2026-03-31', '2026-03-31 20:00-04',
         '2026-03-31 20:00', '{"p": 1.10000000000000000001}',
         '00000000-0000-0000-0000-00000000000a', '\\x00ff', '{1,2}', 0.5, '', true, '17:30');
    CREATE SCHEMA other;
    CREATE TABLE other.things ("update" int, "Name" text);
    INSERT INTO other.things VALUES (1, 'a');
"""


@pytest.fixture(scope="module")
def admin(postgres: Postgres) -> Iterator[sa.Engine]:
    """The database with its tables, for the test's own questions."""
    engine = sa.create_engine(postgres.url_with_password, poolclass=sa.NullPool)
    with engine.begin() as connection:
        connection.exec_driver_sql(EVERY_TYPE.replace("%", "%%"))
    yield engine
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP SCHEMA other CASCADE; DROP TABLE every_type")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ArtifactStore]:
    store = open_store(str(tmp_path / "store"))
    use_store(store)
    yield store
    use_store(None)


@pytest.fixture
def run(
    admin: sa.Engine, postgres: Postgres, store: ArtifactStore, monkeypatch: pytest.MonkeyPatch
) -> Run:
    """Runs `fetch.sql` there."""
    monkeypatch.setenv("READER_PASSWORD", PASSWORD)

    def run(environment: ActivityEnvironment | None = None, **fields: Any) -> FetchSqlResult:
        request = asking(postgres, **fields)
        return (environment or ActivityEnvironment()).run(fetch, request)

    return run


def asking(postgres: Postgres, **fields: Any) -> FetchSqlRequest:
    fields = {"connection": postgres.url, "password": "secret://env/READER_PASSWORD"} | fields
    return FetchSqlRequest(**fields)


FIRST_ROW = (
    1,
    Decimal("1.10000000000000000001"),
    Decimal("2.5000"),
    date(2026, 3, 31),
    datetime(2026, 4, 1, 0, 0, tzinfo=UTC),
    datetime(2026, 3, 31, 20, 0),  # noqa: DTZ001 (the database does not say where)
    '{"p": 1.10000000000000000001}',
    "00000000-0000-0000-0000-00000000000a",
    b"\x00\xff",
    "[1,2]",
    0.5,
    "",
    True,
    "17:30:00",
)


@pytest.mark.parametrize(
    "asked", [{"table": "every_type"}, {"query": "SELECT * FROM every_type ORDER BY id"}]
)
def test_every_type_arrives_exact_and_null_stays_null(
    asked: dict[str, str], run: Run, store: ArtifactStore
) -> None:
    table = store.get_table(run(**asked).dataset)
    assert table.rows() == [FIRST_ROW, (2, *[None] * 13)]
    assert table.schema["price"] == pl.Decimal(38, 20)
    assert table.schema["amount"] == pl.Decimal(38, 4 if "table" in asked else 1)
    assert table.schema["at"] == pl.Datetime("us", "UTC")
    assert table.schema["local_at"] == pl.Datetime("us")


def test_columns_without_a_value_have_the_type_the_database_says(
    run: Run, store: ArtifactStore
) -> None:
    found = run(query="SELECT * FROM every_type WHERE id = :id", parameters={"id": 2})
    table = store.get_table(found.dataset).select("day", "is_open", "id")
    assert table.schema == {"day": pl.Date, "is_open": pl.Boolean, "id": pl.Int64}


@pytest.mark.parametrize(
    ("condition", "parameters"),
    [
        ("day = :day", {"day": "2026-03-31"}),
        ("day = :day::date", {"day": "2026-03-31"}),
        ("price > :price AND note = :note", {"price": "1.1", "note": ""}),
        ("id = :id AND is_open = :yes AND ':id' <> '%'", {"id": 1, "yes": True}),
        ("at = :at::timestamptz", {"at": "2026-04-01T00:00:00Z"}),
        ("id < :big AND coalesce(:nothing, note) = ''", {"big": 2**40, "nothing": None}),
    ],
)
def test_parameters_are_bound_and_may_be_cast(
    condition: str, parameters: dict[str, Any], run: Run, store: ArtifactStore
) -> None:
    query = f"SELECT id FROM every_type WHERE {condition}"  # noqa: S608 (the test's own)
    found = run(query=query, parameters=parameters)
    assert store.get_table(found.dataset).rows() == [(1,)]


def test_a_table_of_another_schema_with_awkward_names(run: Run, store: ArtifactStore) -> None:
    found = run(table="things", schema_name="other", where={"Name": "a"}, select=("update",))
    assert store.get_table(found.dataset).rows() == [(1,)]


def test_many_rows_stream_in_order(run: Run, store: ArtifactStore) -> None:
    result = run(query="SELECT n, n * 1.10 AS amount FROM generate_series(1, 200000) n")
    table = store.get_table(result.dataset)
    assert result.rows == 200_000
    assert table["n"].to_list() == list(range(1, 200_001))
    assert table["amount"][-1] == Decimal("220000.00")


def test_the_transaction_cannot_write(postgres: Postgres, run: Run) -> None:
    with (
        pytest.raises(DataError) as refused,
        reading_connection(asking(postgres, query="SELECT 1")) as connection,
    ):
        connection.execute(sa.text("DELETE FROM every_type"))
    assert "read-only transaction" in refused.value.message


def test_wrong_sql_is_refused_in_the_databases_words(run: Run) -> None:
    with pytest.raises(DataError) as refused:
        run(query="SELECT pricee FROM every_type")
    assert refused.value.code == "fetch.sql-refused"
    assert 'column "pricee" does not exist' in refused.value.message


@pytest.mark.parametrize("value", ["NaN", "Infinity"])
def test_what_is_no_number_is_no_amount(value: str, run: Run) -> None:
    with pytest.raises(DataError) as refused:
        run(query=f"SELECT '{value}'::numeric AS amount")
    assert refused.value.code == "fetch.sql-not-a-number"
    with pytest.raises(DataError) as refused:
        run(
            query=f"SELECT '{value}'::numeric AS amount",
            columns=(ColumnSpec(name="amount", kind="decimal", scale=2),),
        )
    assert refused.value.code == "fetch.value-does-not-fit"


def test_more_digits_than_a_decimal_has_is_refused(run: Run) -> None:
    with pytest.raises(DataError) as refused:
        run(query="SELECT 1e30::numeric AS n UNION ALL SELECT 1e-9::numeric")
    assert refused.value.code == "fetch.too-many-digits"


def test_a_wrong_password_shows_no_password(
    run: Run, monkeypatch: pytest.MonkeyPatch, postgres: Postgres
) -> None:
    monkeypatch.setenv("READER_PASSWORD", "hunter2-wrong")
    with pytest.raises(UnreachableError) as refused:
        run(query="SELECT 1")
    assert refused.value.code == "fetch.sql-unreachable"
    assert "hunter2" not in everything_about(refused.value)
    with pytest.raises(UnreachableError):
        run(query="SELECT 1", password=None)


def test_a_whole_url_may_be_the_secret(
    run: Run, monkeypatch: pytest.MonkeyPatch, postgres: Postgres
) -> None:
    monkeypatch.setenv("PRICES_URL", postgres.url_with_password)
    assert run(connection="secret://env/PRICES_URL", password=None, query="SELECT 1 AS a").rows == 1
    monkeypatch.setenv(
        "PRICES_URL", postgres.url_with_password.replace("127.0.0.1", "127.0.0.1:1:")
    )
    with pytest.raises(Exception) as refused:  # noqa: PT011 (whatever it is, it must not tell)
        run(connection="secret://env/PRICES_URL", password=None, query="SELECT 1")
    assert PASSWORD not in everything_about(refused.value)


def test_nobody_there_is_unreachable(run: Run, postgres: Postgres) -> None:
    with pytest.raises(UnreachableError) as refused:
        run(connection="postgresql://reader@127.0.0.1:1/prices", query="SELECT 1")
    assert refused.value.code == "fetch.sql-unreachable"
    assert PASSWORD not in everything_about(refused.value)


def test_a_lost_connection_is_tried_again(run: Run, admin: sa.Engine) -> None:
    def cut() -> None:
        with contextlib.suppress(sa.exc.DBAPIError), admin.connect() as connection:
            connection.execute(KILL_SLEEPERS)

    cutting = threading.Timer(1, cut)
    cutting.start()
    with pytest.raises(TransientError) as lost:
        run(query="SELECT pg_sleep(60) IS NULL AS slept")
    cutting.join()
    assert lost.value.code in ("fetch.sql-interrupted", "fetch.sql-unreachable")


def test_a_query_is_stopped_at_its_time_limit(run: Run) -> None:
    with pytest.raises(TransientError) as late:
        run(query="SELECT pg_sleep(60) IS NULL AS slept", timeout=timedelta(seconds=1))
    assert late.value.code == "fetch.sql-timeout"


async def test_cancelling_stops_the_query_in_the_database(run: Run, admin: sa.Engine) -> None:
    environment = ActivityEnvironment()
    found: list[BaseException] = []

    def attempt() -> None:
        try:
            run(environment, query="SELECT pg_sleep(60) IS NULL AS slept")
        except BaseException as exc:  # noqa: BLE001 (it is looked at below)
            found.append(exc)

    thread = threading.Thread(target=attempt)
    thread.start()

    def sleepers(expected: int) -> None:
        with admin.connect() as connection:
            assert connection.execute(COUNT_SLEEPERS).scalar_one() == expected

    await eventually(lambda: sleepers(1))
    environment.cancel()
    await eventually(lambda: sleepers(0))
    thread.join()
    assert isinstance(found[0], CancelledError)


_SLEEPING = "FROM pg_stat_activity WHERE wait_event = 'PgSleep'"
COUNT_SLEEPERS = sa.text(f"SELECT count(*) {_SLEEPING}")
KILL_SLEEPERS = sa.text(f"SELECT pg_terminate_backend(pid) {_SLEEPING}")


def everything_about(error: BaseException) -> str:
    """All that a log or a history could show of an error and its causes."""
    chain: list[BaseException] = []
    following: BaseException | None = error
    while following is not None:
        chain.append(following)
        following = following.__cause__
    said = [f"{each!r} {each} {vars(each).get('details')}" for each in chain]
    return "\n".join((*said, *traceback.format_exception(error)))
