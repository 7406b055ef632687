"""Queries of reports: values are bound, nothing else is read, nothing is written."""

import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import polars as pl
import pytest

from postgres import PASSWORD, Postgres, postgres
from report_desk import changed, write
from tenuto.artifacts.store import ArtifactStore
from tenuto.core.errors import DataError, NotFoundError, TenutoError, TransientError, UsageError
from tenuto.engine.settings import Settings
from tenuto.packs.reports.activities.query import tables_of
from tenuto.packs.reports.activities.tables import table_part
from tenuto.packs.reports.parameters import merged
from tenuto.packs.reports.reading import read_report

__all__ = ["postgres"]

NOW = datetime(2024, 2, 1, 0, 30, tzinfo=UTC)


@pytest.fixture
def rows(settings: Settings, store: ArtifactStore) -> Any:
    """Rows of a report with these fields: `rows(query=..., given={...})`."""

    def ask(given: dict[str, Any] | None = None, **fields: Any) -> list[dict[str, Any]]:
        write(settings.root, "asked", changed(charts=[], **fields))
        bundle = read_report(settings, "asked")
        params = merged(bundle.report, given or {"date": "2024-01-31"}, NOW, ZoneInfo("UTC"))
        return store.get_table(tables_of(bundle, params, store)["rows"]).to_dicts()

    return ask


def test_sig_15_casts_prefixes_and_repeats(rows: Any) -> None:
    found = rows(
        query="SELECT client, ':date' AS quoted, x.day::varchar AS d -- not :this\n"
        "FROM spend x WHERE day >= :date_from AND day <= :date::date AND :date::date > DATE "
        "'2000-01-01' ORDER BY day, client",
        params={"date_from": {"type": "date", "default": "2024-01-30"}},
    )
    assert [(each["quoted"], each["d"]) for each in found] == [
        (":date", "2024-01-30"),
        (":date", "2024-01-31"),
        (":date", "2024-01-31"),
    ]


@pytest.mark.attack
def test_sig_15_a_value_is_never_part_of_the_query(rows: Any, settings: Settings) -> None:
    for value in ("' OR '1'='1", "x'; DROP TABLE spend; --", 'a"b', "\\'", "$1 ? :date"):
        found = rows(
            {"date": "2024-01-31", "who": value},
            query="SELECT :who AS who, count(*) AS n FROM spend WHERE client = :who",
            params={"who": ""},
        )
        assert found == [{"who": value, "n": 0}]
    with duckdb.connect(str(settings.root / "spend.duckdb"), read_only=True) as data:
        assert data.execute("SELECT count(*) FROM spend").fetchone() == (3,)


@pytest.mark.attack
@pytest.mark.parametrize(
    "query",
    [
        "SELECT * FROM read_text('/etc/passwd')",
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM 'other.parquet'",
        "ATTACH '/tmp/x.db'",
        "COPY spend TO '/tmp/x'",
        "DELETE FROM spend",
        "SELECT 1; SELECT 2",
        "SET enable_external_access = true",
        "SELECT getenv('HOME')",
    ],
)
def test_a_query_reads_its_own_file_and_nothing_else(rows: Any, query: str) -> None:
    with pytest.raises(TenutoError):
        rows(query=query)


def test_types_survive(rows: Any, settings: Settings, store: ArtifactStore) -> None:
    found = rows(
        query="SELECT spend, clicks, day, TIMESTAMPTZ '2024-01-31 12:00:00+01' AS at, 1.5::double"
        " AS f, true AS t, [1, 2] AS l FROM spend WHERE day = :date ORDER BY client"
    )
    kinds = {name: type(value).__name__ for name, value in found[0].items()}
    assert kinds == {
        "spend": "Decimal",
        "clicks": "int",
        "day": "date",
        "at": "datetime",
        "f": "float",
        "t": "bool",
        "l": "str",
    }
    assert found[0]["at"] == datetime(2024, 1, 31, 11, tzinfo=UTC)
    assert found[1]["spend"] is None


def test_no_rows_keep_their_columns_and_have_no_sum(
    settings: Settings, store: ArtifactStore
) -> None:
    bundle = read_report(settings, "spend")
    params = merged(bundle.report, {"date": "1999-01-01"}, NOW, ZoneInfo("UTC"))
    part = table_part(store, tables_of(bundle, params, store)["rows"], 10)
    assert (list(part.columns), part.rows, part.total) == (["client", "spend", "clicks"], (), 0)
    assert part.sums == {"spend": None, "clicks": None}


def test_a_million_rows_are_counted_summed_and_cut(
    settings: Settings, store: ArtifactStore
) -> None:
    write(
        settings.root,
        "many",
        changed(query="SELECT range AS spend, 'x' AS client FROM range(1000000)"),
    )
    bundle = read_report(settings, "many")
    params = merged(bundle.report, {}, NOW, ZoneInfo("UTC"))
    part = table_part(store, tables_of(bundle, params, store)["rows"], 100)
    assert (len(part.rows), part.total) == (100, 1_000_000)
    assert part.sums["spend"] == 499_999_500_000


def test_more_rows_than_allowed_and_more_time_are_errors(rows: Any) -> None:
    with pytest.raises(DataError, match="more than 10 rows"):
        rows(query="SELECT range FROM range(100000)", max_rows=10)
    endless = "SELECT count(*) FROM range(100000000) a, range(100000) b WHERE a.range + b.range = 7"
    with pytest.raises(TransientError, match="took longer"):
        rows(query=endless, timeout="PT0.3S")


def test_what_is_wrong_says_so(rows: Any, settings: Settings) -> None:
    with pytest.raises(DataError, match="absent"):
        rows(query="SELECT * FROM absent")
    with pytest.raises(NotFoundError, match="no DuckDB file"):
        rows(source={"duckdb": "absent.duckdb"})
    with pytest.raises(UsageError, match="names `:dat`, which is no parameter"):
        rows(query="SELECT :dat AS x")


def test_a_file_that_somebody_writes_is_tried_again(rows: Any, settings: Settings) -> None:

    file = settings.root / "spend.duckdb"
    script = f"import duckdb, sys\nc = duckdb.connect({str(file)!r})\nprint(1, flush=True)\ninput()"
    with subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as writer:
        assert writer.stdout is not None
        writer.stdout.readline()
        with pytest.raises(TransientError, match="whoever writes it"):
            rows()
        assert writer.stdin is not None
        writer.stdin.write(b"\n")


def test_a_stored_table_whole_or_by_query(rows: Any, store: ArtifactStore) -> None:
    frame = pl.DataFrame({"client": ["a", "b"], "spend": [1, 2]})
    store.bind("sums/2024-01-31", store.put_table(frame, name="sums"))
    stored = {"artifact": "sums/{date}"}
    assert rows(source=stored, query=None) == frame.to_dicts()
    found = rows(
        source=stored,
        query="SELECT max(spend) AS m FROM data WHERE spend > :least",
        params={"least": 0},
    )
    assert found == [{"m": 2}]
    with pytest.raises(TenutoError):
        rows(source=stored, query="SELECT * FROM read_text('/etc/passwd')")
    with pytest.raises(NotFoundError):
        rows({"date": "2023-01-01"}, source=stored, query=None)


def test_sig_15_sqlite(rows: Any, settings: Settings) -> None:
    file = settings.root / "book.db"
    with closing(sqlite3.connect(file)) as data, data:
        data.execute("CREATE TABLE t (day TEXT, spend INTEGER)")
        data.execute("INSERT INTO t VALUES ('2024-01-31', 5)")
    found = rows(
        source={"connection": f"sqlite:///{file}"},
        query="SELECT spend FROM t WHERE day = :date AND :date_from IS NULL",
        params={"date_from": {"type": "date", "optional": True}},
    )
    assert found == [{"spend": 5}]


def test_sig_15_sig_25_postgres(
    rows: Any, postgres: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BOOK_PASSWORD", PASSWORD)
    source = {"connection": postgres.url, "password": "secret://env/BOOK_PASSWORD"}
    query = """
        WITH spend(client, cost, payout, is_internal, conversions, day) AS (VALUES
            ('Acme', 100.00, 7.00, true, 4, DATE '2024-01-31'),
            ('Globex', 50.00, 30.00, false, 0, DATE '2024-01-31'))
        SELECT client, CASE WHEN is_internal THEN cost ELSE payout END
                       / NULLIF(conversions, 0)::numeric(12, 2) AS cpa
        FROM spend WHERE day = :date::date AND day >= :date_from::date ORDER BY client
    """
    found = rows(
        source=source, query=query, params={"date_from": {"type": "date", "default": "30 days ago"}}
    )
    assert [(each["client"], each["cpa"] and float(each["cpa"])) for each in found] == [
        ("Acme", 25.0),
        ("Globex", None),
    ]


@pytest.mark.parametrize(
    ("zone", "day"), [("UTC", "2024-01-31"), ("America/New_York", "2024-01-30")]
)
def test_sig_13_yesterday_is_that_of_the_reports_time_zone(
    settings: Settings, zone: str, day: str
) -> None:
    report = read_report(settings, "spend").report
    assert merged(report, {}, NOW, ZoneInfo(zone)) == {"date": day}


def test_sig_13_params_merge_over_defaults(settings: Settings, tmp_path: Path) -> None:
    declared = {"days": 30, "who": "all", "rate": 1.5, "is_net": False, "end": {"type": "date"}}
    write(settings.root, "p", changed(params=declared))
    report = read_report(settings, "p").report

    def merge(**given: Any) -> dict[str, Any]:
        return merged(report, given, NOW, ZoneInfo("UTC"))

    assert merge(end="today", days="7") == {
        "date": "2024-01-31",
        "days": 7,
        "who": "all",
        "rate": "1.5",
        "is_net": False,
        "end": "2024-02-01",
    }
    for given, said in (
        ({"end": "today", "dayz": 1}, "did you mean `days`"),
        ({}, "needs the parameter `end`"),
        ({"end": "31.01.2024"}, "expected a date"),
        ({"end": "today", "days": "x"}, "a whole number"),
        ({"end": "today", "is_net": "perhaps"}, "true or false"),
    ):
        with pytest.raises(UsageError, match=said):
            merge(**given)
