"""What a request may say: contradictions and credentials are refused before anything starts."""

from typing import Any

import pytest
from pydantic import ValidationError

from tenuto.catalog.library.fetch.columns import ColumnSpec
from tenuto.catalog.library.fetch.http import FetchHttpRequest
from tenuto.catalog.library.fetch.http_auth import BearerToken, HeaderKey
from tenuto.catalog.library.fetch.http_pages import Cursors, NumberedPages, Offsets
from tenuto.catalog.library.fetch.sql import FetchSqlRequest

IN_BODY = NumberedPages(place="body")


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"body": {}}, "needs method POST"),
        ({"pagination": IN_BODY}, "pagination in the body"),
        ({"pagination": IN_BODY, "method": "POST", "body": []}, "pagination in the body"),
        ({"pagination": NumberedPages(ends_on_short_page=True)}, "needs the `size`"),
        ({"pagination": NumberedPages(size=5)}, "needs the `size_parameter`"),
        ({"format": "csv", "records": "rows"}, "needs format `json`"),
        ({"format": "csv", "pagination": Cursors(next_path="next")}, "needs format `json`"),
        ({"format": "csv", "pagination": Offsets(total_path="n")}, "needs format `json`"),
        ({"as_document": True, "records": "rows"}, "keeps one answer"),
        ({"as_document": True, "pagination": Offsets()}, "keeps one answer"),
        ({"headers": {"Authorization": "Bearer abc"}}, "carries credentials"),
        ({"headers": {"cookie": "a=b"}}, "carries credentials"),
        ({"headers": {"Host": "other"}}, "set by the client"),
        ({"headers": {"a b": "c"}}, "not a header's name"),
        (
            {
                "headers": {"x-key": "abc"},
                "auth": HeaderKey(name="X-Key", secret="secret://env/KEY"),
            },
            "given in `headers` too",
        ),
        ({"columns": (ColumnSpec(name="a"), ColumnSpec(name="a"))}, "more than once: `a`"),
        ({"pages": 3}, "not permitted"),
    ],
)
def test_an_http_request_that_contradicts_itself_is_refused(
    fields: dict[str, Any], says: str
) -> None:
    with pytest.raises(ValidationError, match=says):
        FetchHttpRequest(url="https://example.com/", **fields)


@pytest.mark.parametrize(
    "connection",
    [
        "postgresql://reader:hunter2@db/prices",
        "postgresql://reader:hun/ter2@db/prices",
        "postgresql://:hunter2@db/prices",
        "postgresql://reader@db/prices?password=hunter2",
        "mssql+pyodbc:///?odbc_connect=PWD%3Dhunter2",
    ],
)
def test_a_password_in_the_url_is_refused(connection: str) -> None:
    with pytest.raises(ValidationError, match="carries a password"):
        FetchSqlRequest(connection=connection, query="SELECT 1")


@pytest.mark.parametrize(
    "connection",
    [
        "secret://env/PRICES_URL",
        "postgresql+pg8000://reader@[::1]:5432/prices",
        "sqlite:////data/a:b@c.db",
        "sqlite:///C:\\data\\book.db",
    ],
)
def test_a_url_without_a_password_is_fine(connection: str) -> None:
    assert FetchSqlRequest(connection=connection, query="SELECT 1").connection == connection


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"query": "SELECT 1", "table": "t"},
        {"query": "SELECT 1", "where": {"a": 1}},
        {"query": "SELECT 1", "schema_name": "s"},
        {"table": "t", "parameters": {"a": 1}},
        {"table": "t; DROP TABLE t"},
        {"table": 't"'},
        {"table": "t", "select": ("a b",)},
        {"table": "t", "where": {"a' OR '": 1}},
        {"query": "SELECT :a", "parameters": {"a": 1.5}},
    ],
)
def test_a_sql_request_that_cannot_be_meant_is_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        FetchSqlRequest(connection="sqlite:///x.db", **fields)


@pytest.mark.parametrize(
    "fields",
    [
        {"kind": "decimal"},
        {"kind": "integer", "scale": 2},
        {"kind": "decimal", "scale": 39},
        {"kind": "date", "time_zone": "UTC"},
    ],
)
def test_a_column_takes_only_what_its_kind_needs(fields: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        ColumnSpec(name="a", **fields)


def test_a_secret_is_given_by_reference_only() -> None:
    with pytest.raises(ValidationError, match="pattern"):
        BearerToken(secret="sk-live-123")
