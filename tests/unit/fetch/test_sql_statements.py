"""What may be sent to a database: one SELECT, its values bound, nothing hidden in it."""

import pytest
from sqlalchemy.dialects import sqlite

from tenuto.activities.fetch.sql_statement import select_statement
from tenuto.core.errors import UsageError


def sent(query: str, **parameters: object) -> str:
    """The text as SQLite's driver gets it."""
    statement = select_statement(query, parameters)  # type: ignore[arg-type]
    return str(statement.compile(dialect=sqlite.dialect(paramstyle="named")))


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("SELECT 1", "SELECT 1"),
        ("  select 1 ; ; \n", "  select 1"),
        ("(SELECT 1)", "(SELECT 1)"),
        ("WITH a AS (SELECT 1) SELECT * FROM a", "WITH a AS (SELECT 1) SELECT * FROM a"),
        ("SELECT ':x', \":y\", `:z`", "SELECT ':x', \":y\", `:z`"),
        ("SELECT 'it''s; DROP TABLE t'", "SELECT 'it''s; DROP TABLE t'"),
        ("SELECT 1 -- :no; delete\n+ 2 /* ; :no */", "SELECT 1  \n+ 2"),
        ("SELECT 12::text, a[1:2]", "SELECT 12::text, a[1:2]"),
        ("SELECT $$ ; :x $$, $t$ ' $t$", "SELECT $$ ; :x $$, $t$ ' $t$"),
        (r"SELECT E'a\';b', 'x'", r"SELECT E'a\';b', 'x'"),
        ('SELECT name AS "update" FROM t', 'SELECT name AS "update" FROM t'),
        ("SELECT updated_at, deleted FROM inserts", "SELECT updated_at, deleted FROM inserts"),
    ],
)
def test_reading_is_sent_as_written(query: str, expected: str) -> None:
    assert sent(query).strip() == expected.strip()


def test_a_parameter_may_be_cast() -> None:
    assert sent("SELECT :day::date, ':day'", day="2026-01-01") == "SELECT :day::date, ':day'"


@pytest.mark.parametrize(
    "query",
    [
        "",
        "-- SELECT 1",
        "DELETE FROM t",
        "UPDATE t SET a = 1",
        "INSERT INTO t VALUES (1)",
        "PRAGMA query_only = OFF",
        "ATTACH 'x' AS y",
        "VACUUM INTO 'copy.db'",
        "EXPLAIN SELECT 1",
        "CALL pay()",
        "WITH gone AS (DELETE FROM t RETURNING *) SELECT * FROM gone",
        "SELECT * INTO copied FROM t",
        "SELECT * FROM t FOR UPDATE",
        "SELECT 1 /*! INTO OUTFILE 'x' */ INTO x",
    ],
)
def test_anything_but_reading_is_refused(query: str) -> None:
    with pytest.raises(UsageError) as refused:
        sent(query)
    assert refused.value.code == "fetch.sql-not-a-select"


@pytest.mark.parametrize(
    "query",
    [
        "SELECT 1; SELECT 2",
        "SELECT 1; DROP TABLE t",
        "SELECT 1;\n--\n;DELETE FROM t",
        "SELECT ';';;x",
    ],
)
def test_a_second_statement_is_refused(query: str) -> None:
    with pytest.raises(UsageError) as refused:
        sent(query)
    assert refused.value.code == "fetch.sql-many-statements"


@pytest.mark.parametrize(
    "query",
    [
        "SELECT 'open",
        'SELECT "open',
        "SELECT 1 /* open",
        # Where a backslash escapes, the first text ends at the third quote, and code follows.
        r"""SELECT '\' , ' INTO OUTFILE "x" -- '""",
    ],
)
def test_a_quote_that_databases_read_differently_is_refused(query: str) -> None:
    with pytest.raises(UsageError) as refused:
        sent(query)
    assert refused.value.code == "fetch.sql-unclosed-quote"


def test_parameters_must_match_exactly() -> None:
    with pytest.raises(UsageError) as refused:
        sent("SELECT :a, :b", b=1, c=2)
    assert refused.value.code == "fetch.sql-parameters"
    assert refused.value.details == {"missing": ["a"], "extra": ["c"]}
    assert "`:a`" in refused.value.message
