"""What the records become: text as it was sent, declared types exactly, or an error."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from tenuto.artifacts.store import ArtifactStore
from tenuto.catalog.library.fetch.columns import ColumnSpec
from tenuto.catalog.library.fetch.http import FetchHttpResult
from tenuto.catalog.library.fetch.http_pages import Offsets
from tenuto.core.errors import DataError, TenutoError
from tenuto.testing.loopback import Answer, LoopbackServer

Fetch = Callable[..., FetchHttpResult]
Table = Callable[..., pl.DataFrame]


@pytest.fixture
def table(fetch_http: Fetch, store: ArtifactStore) -> Table:
    """The table that one answer with this body becomes."""

    def table(body: str | bytes, **fields: Any) -> pl.DataFrame:
        sent = body.encode() if isinstance(body, str) else body
        with LoopbackServer(lambda _: Answer(body=sent)) as server:
            result = fetch_http(server, **fields)
        assert result.dataset is not None
        return store.get_table(result.dataset)

    return table


def test_without_columns_every_field_is_text_as_it_was_sent(table: Table) -> None:
    found = table(
        '[{"n": 1.10, "big": 123456789012345678901234567890, "t": "é", "b": true, "z": null},'
        ' {"n": 1E-30, "o": {"p": [0.10, "x", null]}, "t": ""}]'
    )
    assert set(found.dtypes) == {pl.String}
    assert found.columns == ["n", "big", "t", "b", "z", "o"]
    assert found.rows() == [
        ("1.10", "123456789012345678901234567890", "é", "true", None, None),
        ("1E-30", None, "", None, None, '{"p":[0.10,"x",null]}'),
    ]


def test_sig_8_zero_nothing_and_empty_are_three_values(table: Table) -> None:
    found = table('[{"a": 0}, {"a": "0"}, {"a": null}, {}, {"a": ""}]')
    assert found["a"].to_list() == ["0", "0", None, None, ""]
    number = ColumnSpec(name="a", kind="integer")
    assert table('[{"a": 0}, {"a": "0"}, {"a": null}, {}]', columns=(number,))["a"].to_list() == [
        *(0, 0, None, None)
    ]


def test_declared_columns_are_exact_and_found_by_path(table: Table) -> None:
    found = table(
        '{"data": [{"id": 7, "px": {"value": 1.5e2}, "d": "2026-03-31", "x": 1,'
        ' "at": "2026-03-31T20:00:00-04:00", "ok": false}]}',
        records="data",
        columns=(
            ColumnSpec(name="id", kind="integer", is_required=True),
            ColumnSpec(name="price", source="px.value", kind="decimal", scale=4),
            ColumnSpec(name="d", kind="date"),
            ColumnSpec(name="at", kind="datetime"),
            ColumnSpec(name="ok", kind="boolean"),
        ),
    )
    moment = datetime(2026, 4, 1, tzinfo=UTC)
    assert found.rows() == [(7, Decimal("150.0000"), date(2026, 3, 31), moment, False)]
    assert found.schema["price"] == pl.Decimal(38, 4)


@pytest.mark.parametrize(
    ("kind", "sent"),
    [
        ({"kind": "integer"}, '"1.0"'),
        ({"kind": "integer"}, "9223372036854775808"),
        ({"kind": "integer"}, "true"),
        ({"kind": "decimal", "scale": 2}, "1.005"),
        ({"kind": "decimal", "scale": 2}, '"1,005.00"'),
        ({"kind": "decimal", "scale": 2}, "1e36"),
        ({"kind": "decimal", "scale": 2}, "1e99999"),
        ({"kind": "decimal", "scale": 2}, '"NaN"'),
        ({"kind": "decimal", "scale": 2}, '""'),
        ({"kind": "date"}, '"2026-02-30"'),
        ({"kind": "date"}, '"31.03.2026"'),
        ({"kind": "date"}, '"2026-03-31T00:00:00Z"'),
        ({"kind": "datetime"}, '"2026-03-31T00:00:00"'),
        ({"kind": "datetime"}, "1774915200"),
        ({"kind": "datetime"}, '"2026-03-31T00:00:00.1234567Z"'),
        ({"kind": "datetime", "time_zone": "Europe/Zurich"}, '"2026-03-29T02:30:00"'),
        ({"kind": "datetime", "time_zone": "Europe/Zurich"}, '"2026-10-25T02:30:00"'),
        ({"kind": "boolean"}, '"yes"'),
        ({"kind": "text", "is_required": True}, "null"),
    ],
)
def test_a_value_that_does_not_fit_is_named(kind: Any, sent: str, table: Table) -> None:
    with pytest.raises(DataError) as wrong:
        table(f'[{{"a": null}}, {{"a": {sent}}}]', columns=(ColumnSpec(name="a", **kind),))
    assert wrong.value.code in ("fetch.value-does-not-fit", "fetch.value-missing")
    assert wrong.value.details["column"] == "a"
    assert wrong.value.details["record"] == (1 if kind.get("is_required") else 2)


def test_a_zone_is_applied_to_moments_without_an_offset(table: Table) -> None:
    column = ColumnSpec(name="a", kind="datetime", time_zone="America/New_York")
    found = table('[{"a": "2026-03-31 23:30"}, {"a": "2026-03-31T23:30:00Z"}]', columns=(column,))
    assert found["a"].to_list() == [
        datetime(2026, 4, 1, 3, 30, tzinfo=UTC),
        datetime(2026, 3, 31, 23, 30, tzinfo=UTC),
    ]


def test_the_record_in_an_error_counts_all_pages(fetch_http: Fetch) -> None:
    pages = [[{"a": 1}] * 3, [{"a": 2}, {"a": "x"}], []]

    with (
        LoopbackServer(lambda _: Answer(body=json.dumps(pages.pop(0)).encode())) as server,
        pytest.raises(DataError) as wrong,
    ):
        fetch_http(server, columns=(ColumnSpec(name="a", kind="integer"),), pagination=Offsets())
    assert wrong.value.details["record"] == 5


def test_a_column_that_no_record_has_is_taken_for_a_typing_error(table: Table) -> None:
    known, unknown = ColumnSpec(name="a"), ColumnSpec(name="b", source="bb.c")
    with pytest.raises(DataError) as wrong:
        table('[{"a": 1}]', columns=(known, unknown))
    assert wrong.value.code == "fetch.column-missing"
    absent = unknown.model_copy(update={"may_be_absent": True})
    assert table('[{"a": 1}]', columns=(known, absent)).rows() == [("1", None)]
    assert table("[]", columns=(known, unknown)).is_empty()


@pytest.mark.parametrize(
    ("body", "fields", "code"),
    [
        ("<html>", {}, "http.not-json"),
        ('[{"a": NaN}]', {}, "http.not-json"),
        ('[{"a": 1, "a": 2}]', {}, "http.not-json"),
        ("[" * 100_000, {}, "http.not-json"),
        ('[{"a": ' + "[" * 500 + "]" * 500 + "}]", {}, "fetch.nested-too-deep"),
        ("{}", {}, "fetch.records-not-found"),
        ('{"data": null}', {"records": "data"}, "fetch.records-not-found"),
        ('{"data": []}', {"records": "data.rows"}, "fetch.records-not-found"),
        ("[1]", {}, "fetch.record-not-an-object"),
        ("[null]", {}, "fetch.record-not-an-object"),
        ("[]", {}, "fetch.no-columns"),
        ("[{}]", {}, "fetch.no-columns"),
        ("", {"format": "csv"}, "fetch.csv-empty"),
        ("a,b\n1\n", {"format": "csv"}, "fetch.csv-row-width"),
        ("a,a\n1,2\n", {"format": "csv"}, "fetch.csv-header"),
        ("a,\n1,2\n", {"format": "csv"}, "fetch.csv-header"),
        ('a\n"open\n', {"format": "csv"}, "fetch.csv-unreadable"),
        (b"a\n\xff\n", {"format": "csv"}, "fetch.csv-unreadable"),
        ("a\n1\n", {"format": "csv", "columns": (ColumnSpec(name="b"),)}, "fetch.column-missing"),
    ],
)
def test_an_answer_that_is_not_what_was_declared_is_refused(
    body: str | bytes, fields: Any, code: str, table: Table
) -> None:
    with pytest.raises(TenutoError) as refused:
        table(body, **fields)
    assert refused.value.code == code
    assert not refused.value.is_retryable


def test_csv_keeps_text_and_types_what_is_declared(table: Table) -> None:
    body = '\ufeffid;name;amount\r\n1;"a;b";1.10\r\n2;;\r\n'
    assert table(body, format="csv", separator=";").rows() == [("1", "a;b", "1.10"), ("2", "", "")]
    columns = (
        ColumnSpec(name="amount", kind="decimal", scale=2),
        ColumnSpec(name="label", source="name"),
    )
    found = table(body, format="csv", separator=";", columns=columns)
    assert found.rows() == [(Decimal("1.10"), "a;b"), (None, "")]


def test_csv_pages_end_with_an_empty_answer(fetch_http: Fetch) -> None:
    pages = [b"a\n1\n2\n", b"a\n3\n", b""]
    with LoopbackServer(lambda _: Answer(body=pages.pop(0))) as server:
        result = fetch_http(server, format="csv", pagination=Offsets())
    assert (result.rows, result.pages) == (3, 3)


def test_an_empty_answer_with_declared_columns_is_an_empty_table(table: Table) -> None:
    column = ColumnSpec(name="a", kind="decimal", scale=2)
    found = table("[]", columns=(column,))
    assert found.is_empty()
    assert found.schema == {"a": pl.Decimal(38, 2)}


def test_a_document_is_kept_as_it_came(fetch_http: Fetch, store: ArtifactStore) -> None:
    sent = b"%PDF-1.7 \x00\xff"
    answer = Answer(headers={"content-type": "application/pdf"}, body=sent)
    with LoopbackServer(lambda _: answer) as server:
        result = fetch_http(server, as_document=True, name="factsheet.pdf")
    assert result.document is not None
    assert store.get_bytes(result.document) == sent
    assert (result.document.media_type, result.document.name) == (
        *("application/pdf", "factsheet.pdf"),
    )
    assert (result.dataset, result.bytes, result.pages) == (None, len(sent), 1)
