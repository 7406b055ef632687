"""Every format, layout, and type: what the file says is what the table holds."""

import csv
import gzip
import io
import json
import zipfile
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import xlsxwriter  # type: ignore[import-untyped]
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tenuto.activities.fetch.files.reading import fetch_files
from tenuto.artifacts.store import ArtifactStore
from tenuto.catalog.library.fetch.files import FetchedFiles, FetchFilesRequest, FileColumn
from tenuto.core.errors import DataError

POSITIONS = [
    {"name": "isin"},
    {"name": "quantity", "kind": "decimal", "scale": 4},
    {"name": "day", "kind": "date"},
]


def fetch(path: Path, **request: Any) -> FetchedFiles:
    return fetch_files(FetchFilesRequest.model_validate({"path": str(path), **request}))


def rows(store: ArtifactStore, result: FetchedFiles) -> list[dict[str, Any]]:
    return store.get_table(result.data).to_dicts()


def without_lineage(store: ArtifactStore, result: FetchedFiles) -> list[tuple[Any, ...]]:
    return store.get_table(result.data).drop("source_file", "source_row").rows()


def test_csv_in_a_european_layout(inbox: Path, store: ArtifactStore) -> None:
    (inbox / "a.csv").write_bytes(
        b"\xef\xbb\xbfISIN;Betrag;Tag\r\nDE0001;1.234.567,89;31.12.2023\r\n"
        b'"DE;2";12,;01.01.2024\r\n\r\nDE3;-0,5;\r\n'
    )
    result = fetch(
        inbox / "a.csv",
        format="csv",
        delimiter=";",
        numbers={"decimal_mark": ",", "thousands_separator": "."},
        columns=[
            {"name": "isin", "source": "ISIN"},
            {"name": "amount", "source": "Betrag", "kind": "decimal", "scale": 2},
            {"name": "day", "source": "Tag", "kind": "date", "formats": ["%d.%m.%Y"]},
        ],
    )
    assert rows(store, result) == [
        {
            "source_file": "a.csv",
            "source_row": 2,
            "isin": "DE0001",
            "amount": Decimal("1234567.89"),
            "day": date(2023, 12, 31),
        },
        {
            "source_file": "a.csv",
            "source_row": 3,
            "isin": "DE;2",
            "amount": Decimal("12.00"),
            "day": date(2024, 1, 1),
        },
        {
            "source_file": "a.csv",
            "source_row": 5,
            "isin": "DE3",
            "amount": Decimal("-0.50"),
            "day": None,
        },
    ]
    assert [column.dtype for column in result.data.columns][2:] == [
        "String",
        "Decimal(38, 2)",
        "Date",
    ]


def test_the_file_itself_is_pinned(inbox: Path, store: ArtifactStore) -> None:
    (inbox / "a.csv").write_bytes(b"a\n1\n")
    (file,) = fetch(inbox / "a.csv", format="csv").files
    assert store.get_bytes(file.content) == b"a\n1\n"
    assert (file.name, file.rows) == ("a.csv", 1)


def test_undeclared_columns_are_text_and_formulas_stay_text(
    inbox: Path, store: ArtifactStore
) -> None:
    (inbox / "a.csv").write_text('a,b\n007,=1+1\n,"@SUM(A1)"\n+5,"two\nlines"\n')
    result = fetch(inbox / "a.csv", format="csv", rename={"b": "formula"})
    assert store.get_table(result.data).columns[2:] == ["a", "formula"]
    assert without_lineage(store, result) == [
        ("007", "=1+1"),
        (None, "@SUM(A1)"),
        ("+5", "two\nlines"),
    ]
    assert [row["source_row"] for row in rows(store, result)] == [2, 3, 4]


def test_headings_and_footers_are_no_rows(inbox: Path, store: ArtifactStore) -> None:
    (inbox / "a.tsv").write_text("Report\nmade by us\na\tb\n1\t2\nTOTAL\t1 row\n")
    result = fetch(inbox / "a.tsv", format="tsv", skip_rows=2, footer_rows=1)
    assert rows(store, result) == [{"source_file": "a.tsv", "source_row": 4, "a": "1", "b": "2"}]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1", "cp1252"])
def test_encodings(encoding: str, inbox: Path, store: ArtifactStore) -> None:
    (inbox / "a.csv").write_text("näme\nÅÉ\n", encoding=encoding)
    result = fetch(inbox / "a.csv", format="csv", encoding=encoding)
    assert without_lineage(store, result) == [("ÅÉ",)]
    assert store.get_table(result.data).columns[2] == "näme"


def test_fixed_width(inbox: Path, store: ArtifactStore) -> None:
    (inbox / "a.txt").write_text("HDR20240101\nUS037833100 0000012.50 20240102\nX\n")
    columns = [
        {"name": "id", "start": 1, "width": 11},
        {"name": "quantity", "kind": "decimal", "scale": 2, "start": 13, "width": 10},
        {
            "name": "day",
            "kind": "date",
            "formats": ["%Y%m%d"],
            "start": 24,
            "width": 8,
        },
    ]
    result = fetch(inbox / "a.txt", format="fixed_width", skip_rows=1, columns=columns)
    assert without_lineage(store, result) == [
        ("US037833100", Decimal("12.50"), date(2024, 1, 2)),
        ("X", None, None),
    ]


def test_a_fixed_width_line_cut_inside_a_number_is_no_smaller_number(
    inbox: Path, store: ArtifactStore
) -> None:
    (inbox / "a.txt").write_text("A  12345\nB  123\n")
    columns = [
        {"name": "id", "start": 1, "width": 3},
        {"name": "n", "kind": "integer", "start": 4, "width": 5},
    ]
    result = fetch(inbox / "a.txt", format="fixed_width", columns=columns, on_problem="quarantine")
    assert without_lineage(store, result) == [("A", 12345)]
    assert result.problems[0].found == "the line breaks off inside the column `n`"
    with pytest.raises(DataError, match="expected 9"):
        fetch(inbox / "a.txt", format="fixed_width", columns=columns, line_width=9)


def test_json_lines_keep_every_digit(inbox: Path, store: ArtifactStore) -> None:
    (inbox / "a.jsonl").write_text(
        '{"isin": "A", "quantity": 0.1000, "tags": ["x", 1.50]}\n\n'
        '{"isin": "B", "quantity": 12345678901234567890.1234, "more": null}\n'
        '{"isin": "C", "quantity": 1E3}\n'
    )
    result = fetch(inbox / "a.jsonl", format="jsonl")
    assert without_lineage(store, result) == [
        ("A", "0.1000", '["x",1.50]', None),
        ("B", "12345678901234567890.1234", None, None),
        ("C", "1000", None, None),
    ]
    typed = fetch(inbox / "a.jsonl", format="jsonl", columns=POSITIONS[:2])
    assert [row["quantity"] for row in rows(store, typed)] == [
        Decimal("0.1"),
        Decimal("12345678901234567890.1234"),
        Decimal(1000),
    ]


def test_json_numbers_are_read_as_such_where_text_has_a_decimal_comma(
    inbox: Path, store: ArtifactStore
) -> None:
    (inbox / "a.json").write_text('{"data": {"rows": [{"q": 1.5}, {"q": "2,5"}]}}')
    result = fetch(
        inbox / "a.json",
        format="json",
        records_key="data.rows",
        numbers={"decimal_mark": ","},
        columns=[{"name": "q", "kind": "decimal", "scale": 1}],
    )
    assert without_lineage(store, result) == [(Decimal("1.5"),), (Decimal("2.5"),)]


def test_parquet_keeps_its_types_or_takes_declared_ones(inbox: Path, store: ArtifactStore) -> None:
    frame = pl.DataFrame(
        {
            "isin": ["A", None],
            "quantity": pl.Series(["1.5", "2"], dtype=pl.String).cast(pl.Decimal(20, 4)),
            "day": [date(2024, 1, 2), None],
            "weight": [0.1, 0.2],
        }
    )
    frame.write_parquet(inbox / "a.parquet")
    result = fetch(inbox / "a.parquet", format="parquet")
    assert store.get_table(result.data).drop("source_file", "source_row").equals(frame)
    typed = fetch(inbox / "a.parquet", format="parquet", columns=POSITIONS)
    assert without_lineage(store, typed) == [
        ("A", Decimal("1.5"), date(2024, 1, 2)),
        (None, Decimal(2), None),
    ]
    with pytest.raises(DataError) as refused:
        fetch(
            inbox / "a.parquet",
            format="parquet",
            columns=[{"name": "weight", "kind": "decimal", "scale": 2}],
        )
    assert refused.value.code == "files.inexact-column"


def workbook(path: Path) -> None:
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet("Data")
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    sheet.write_row(2, 1, ["id", "amount", "when", "ok"])
    for row, (text, number) in enumerate(
        [("007", 0.1 + 0.2), ("=1+1", 123456789012.34), ("0.30", 0.1234567891234)], start=3
    ):
        sheet.write_string(row, 1, text)
        sheet.write_number(row, 2, number)
        sheet.write_datetime(row, 3, date(2024, 1, row), day)
        sheet.write_boolean(row, 4, row % 2 == 1)
    sheet.write_string(7, 1, "last")
    sheet.write_formula(7, 2, "=1/0", None, "#DIV/0!")
    book.close()


def test_excel_as_a_person_reads_it(inbox: Path, store: ArtifactStore) -> None:
    workbook(inbox / "a.xlsx")
    columns = [
        {"name": "id"},
        {"name": "amount", "kind": "decimal", "scale": 13},
        {"name": "when", "kind": "date"},
        {"name": "ok", "kind": "boolean"},
    ]
    result = fetch(
        inbox / "a.xlsx", format="excel", sheet="Data", columns=columns, on_problem="quarantine"
    )
    assert without_lineage(store, result) == [
        ("007", Decimal("0.3"), date(2024, 1, 3), True),
        ("=1+1", Decimal("123456789012.34"), date(2024, 1, 4), False),
        ("0.30", Decimal("0.1234567891234"), date(2024, 1, 5), True),
    ]
    assert [row["source_row"] for row in rows(store, result)] == [4, 5, 6]
    (problem,) = result.problems
    assert (problem.row, problem.found) == (8, "cell C8 holds the error #DIV/0!")


def test_a_sheet_that_is_not_there_is_named_with_those_that_are(
    inbox: Path, store: ArtifactStore
) -> None:
    workbook(inbox / "a.xlsx")
    with pytest.raises(DataError, match="valid are `Data`"):
        fetch(inbox / "a.xlsx", format="excel", sheet="Dat")


def test_gzip_and_zip(inbox: Path, store: ArtifactStore) -> None:
    (inbox / "a.csv.gz").write_bytes(gzip.compress(b"a\n1\n"))
    with zipfile.ZipFile(inbox / "a.zip", "w") as archive:
        archive.writestr("in/one.csv", "a\n2\n")
        archive.writestr("two.csv", "a\n3\n")
    plain = fetch(inbox / "a.csv.gz", format="csv", compression="gzip")
    assert without_lineage(store, plain) == [("1",)]
    one = fetch(inbox / "a.zip", format="csv", compression="zip", zip_entry="in/one.csv")
    assert rows(store, one) == [{"source_file": "a.zip!in/one.csv", "source_row": 2, "a": "2"}]
    with pytest.raises(DataError, match="holds 2 files"):
        fetch(inbox / "a.zip", format="csv", compression="zip")


def test_a_glob_is_one_table_in_order_of_name(inbox: Path, store: ArtifactStore) -> None:
    for name in ("b.csv", "a.csv", "sub/c.csv"):
        (inbox / name).parent.mkdir(exist_ok=True)
        (inbox / name).write_text(f"a\n{name}\n")
    (inbox / ".hidden.csv").write_text("a\nx\n")
    result = fetch(inbox / "**" / "*.csv", format="csv")
    assert [(row["source_file"], row["a"]) for row in rows(store, result)] == [
        (name, name) for name in ("a.csv", "b.csv", "sub/c.csv")
    ]
    (inbox / "z.csv").write_text("other\n1\n")
    with pytest.raises(DataError) as refused:
        fetch(inbox / "*.csv", format="csv")
    assert refused.value.code == "files.columns-differ"


def test_an_artifact_is_read_like_a_file(store: ArtifactStore) -> None:
    document = store.put_bytes(b"a\n1\n", name="upload.csv", media_type="text/csv")
    result = fetch_files(FetchFilesRequest(document=document, format="csv"))
    assert rows(store, result) == [{"source_file": "upload.csv", "source_row": 2, "a": "1"}]


def test_every_problem_is_found_in_one_pass(inbox: Path, store: ArtifactStore) -> None:
    lines = ["id,q,day,at,ok"]
    lines += [
        "A,1.005,2024-02-30,2024-03-31T02:30:00,maybe",
        ",1,2024-01-01,2024-01-01T00:00:00,y",
        "B,1",
        "C,1,2024-01-01,2024-01-01T00:00:00+0100,n",
        "D," + "9" * 40 + ",24-01-01,x,",
    ]
    (inbox / "a.csv").write_text("\n".join(lines) + "\n")
    columns = [
        {"name": "id", "is_required": True},
        {"name": "q", "kind": "decimal", "scale": 2},
        {"name": "day", "kind": "date"},
        {"name": "at", "kind": "datetime", "time_zone": "Europe/Berlin"},
        {"name": "ok", "kind": "boolean"},
    ]
    result = fetch(inbox / "a.csv", format="csv", columns=columns, on_problem="quarantine")
    assert [(each.row, each.column, each.code) for each in result.problems] == [
        (2, "q", "files.too-many-decimals"),
        (2, "day", "files.not-a-date"),
        (2, "at", "files.not-a-datetime"),
        (2, "ok", "files.not-a-boolean"),
        (3, "id", "files.value-missing"),
        (4, None, "files.row-too-short"),
        (6, "q", "files.number-too-large"),
        (6, "day", "files.not-a-date"),
        (6, "at", "files.not-a-datetime"),
    ]
    assert without_lineage(store, result) == [
        ("C", Decimal(1), date(2024, 1, 1), datetime(2023, 12, 31, 23, tzinfo=UTC), False)
    ]
    assert result.quarantine is not None
    aside = store.get_table(result.quarantine)
    assert aside["source_row"].to_list() == [2, 3, 4, 6]
    assert aside["q"].to_list()[0] == "1.005"
    assert aside["reasons"][2].startswith("the row breaks off")
    assert result.all_problems is not None
    kept = store.get_bytes(result.all_problems).decode().splitlines()
    assert [json.loads(line)["row"] for line in kept] == [2, 2, 2, 2, 3, 4, 6, 6, 6]
    with pytest.raises(DataError) as failed:
        fetch(inbox / "a.csv", format="csv", columns=columns)
    assert failed.value.code == "files.bad-cells"
    assert failed.value.details["count"] == 9
    assert "a.csv, row 2, column q" in str(failed.value)


def test_many_problems_are_counted_and_the_first_hundred_shown(
    inbox: Path, store: ArtifactStore
) -> None:
    (inbox / "a.csv").write_text("n\n" + "x\n" * 300)
    columns = [{"name": "n", "kind": "integer"}]
    result = fetch(inbox / "a.csv", format="csv", columns=columns, on_problem="quarantine")
    assert (result.problem_count, len(result.problems), result.data.rows) == (300, 100, 0)


@pytest.mark.parametrize(
    ("layout", "cell", "expected"),
    [
        ({}, "+1.50", "1.50"),
        ({}, ".5", "0.5"),
        ({}, "1,000", None),
        ({}, "1e5", None),
        ({}, "NaN", None),
        ({}, "٣", None),
        ({"thousands_separator": ","}, "1,234,567.8", "1234567.8"),
        ({"thousands_separator": ","}, "12,34", None),
        ({"thousands_separator": "'"}, "1'000", "1000"),
        ({"thousands_separator": " "}, "1\u202f000", "1000"),
        ({"decimal_mark": ",", "thousands_separator": "."}, "1.234,5", "1234.5"),
        ({"decimal_mark": ",", "thousands_separator": "."}, "1.23", None),
        ({"negative": "trailing"}, "12.5-", "-12.5"),
        ({"negative": "parentheses"}, "(12.5)", "-12.5"),
        ({}, "(12.5)", None),
    ],
)
def test_numbers_are_read_as_declared_or_not_at_all(
    layout: dict[str, str], cell: str, expected: str | None, inbox: Path, store: ArtifactStore
) -> None:
    (inbox / "a.csv").write_text(f'n;x\n"{cell}";1\n', encoding="utf-8")
    result = fetch(
        inbox / "a.csv",
        format="csv",
        delimiter=";",
        numbers=layout,
        columns=[{"name": "n", "kind": "decimal", "scale": 4}],
        on_problem="quarantine",
    )
    found = [row[0] for row in without_lineage(store, result)]
    assert found == ([] if expected is None else [Decimal(expected)])


@given(
    cells=st.lists(
        st.tuples(
            st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r\ufeff")),
            st.decimals(places=8, min_value=-(10**20), max_value=10**20),
        ),
        min_size=1,
        max_size=30,
    )
)
@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40
)
def test_what_csv_writes_is_what_is_read(
    cells: list[tuple[str, Decimal]], store: ArtifactStore
) -> None:

    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_ALL)
    writer.writerow(["t", "d"])
    writer.writerows([(t, format(d, "f")) for t, d in cells])
    data = text.getvalue().encode()
    document = store.put_bytes(data, name="a.csv", media_type="text/csv")
    columns = (
        FileColumn(name="t"),
        FileColumn(name="d", kind="decimal", scale=8),
    )
    result = fetch_files(FetchFilesRequest(document=document, format="csv", columns=columns))
    assert without_lineage(store, result) == [(t or None, d) for t, d in cells]


def test_equal_files_give_equal_bytes(inbox: Path, store: ArtifactStore) -> None:
    (inbox / "a.csv").write_text("a,b\n" + "".join(f"{n},{n * 3}\n" for n in range(120_000)))
    first, second = (fetch(inbox / "a.csv", format="csv") for _ in range(2))
    assert first.data == second.data
    assert first.data.rows == 120_000
    table = store.get_table(first.data)
    assert table["source_row"].to_list() == list(range(2, 120_002))
