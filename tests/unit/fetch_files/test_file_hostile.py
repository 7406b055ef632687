"""Files that are made to hurt, or are simply broken, end in a clear error and soon."""

import gzip
import io
import zipfile
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import xlsxwriter  # type: ignore[import-untyped]

from tenuto.activities.fetch.files.reading import fetch_files
from tenuto.catalog.library.fetch.files import FetchFilesRequest
from tenuto.core.errors import DataError

MEGABYTE = 1024 * 1024

pytestmark = pytest.mark.usefixtures("store")


def refused(path: Path, data: bytes, **request: Any) -> DataError:
    """The error of a file with this content."""
    path.write_bytes(data)
    with pytest.raises(DataError) as error:
        fetch_files(FetchFilesRequest.model_validate({"path": str(path), **request}))
    assert path.name in str(error.value)
    return error.value


def zipped(entries: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def test_a_gzip_bomb(inbox: Path) -> None:
    bomb = gzip.compress(b"0" * (50 * MEGABYTE))
    assert len(bomb) < 100_000
    error = refused(inbox / "a.csv.gz", bomb, format="csv", compression="gzip")
    assert error.code == "files.bomb"


def test_a_zip_bomb(inbox: Path) -> None:
    bomb = zipped({"a.csv": b"0" * (50 * MEGABYTE)})
    error = refused(inbox / "a.zip", bomb, format="csv", compression="zip")
    assert error.code == "files.bomb"


def test_a_workbook_that_is_a_bomb(inbox: Path) -> None:
    bomb = zipped({"xl/workbook.xml": b" " * (50 * MEGABYTE)})
    assert refused(inbox / "a.xlsx", bomb, format="excel").code == "files.bomb"


def test_a_workbook_with_a_cell_at_the_far_end(inbox: Path) -> None:
    path = inbox / "a.xlsx"
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet()
    sheet.write_string(0, 0, "a")
    sheet.write_string(1_048_575, 16_383, "b")
    book.close()
    error = refused(path, path.read_bytes(), format="excel")
    assert error.code == "files.too-large"
    assert "reaches to cell XFD1048576" in str(error)


def test_a_name_that_is_in_a_zip_twice(inbox: Path) -> None:
    data = zipped({"a.csv": b"a\n1\n", "b.csv": b"a\n2\n"}).replace(b"b.csv", b"a.csv")
    error = refused(inbox / "a.zip", data, format="csv", compression="zip")
    assert error.code == "files.zip-name"


def test_too_many_entries(inbox: Path) -> None:
    many = zipped({f"{n}.csv": b"" for n in range(1001)}, zipfile.ZIP_STORED)
    error = refused(inbox / "a.zip", many, format="csv", compression="zip", zip_entry="1.csv")
    assert error.code == "files.bomb"


def test_the_absolute_limit_holds_for_honest_compression_too(inbox: Path) -> None:
    data = gzip.compress("".join(f"{n * 7919}\n" for n in range(100_000)).encode())
    error = refused(
        inbox / "a.gz",
        data,
        format="csv",
        compression="gzip",
        limits={"max_bytes": len(data) + 10},
    )
    assert error.code == "files.too-large"
    assert refused(
        inbox / "a.csv", b"a\n" * 100, format="csv", limits={"max_bytes": 50}
    ).code == "files.too-large"  # fmt: skip


def test_a_zip_in_a_zip(inbox: Path) -> None:
    nested = zipped({"inner.zip": zipped({"a.csv": b"a\n1\n"})})
    error = refused(inbox / "a.zip", nested, format="csv", compression="zip")
    assert error.code == "files.zip-nested"


@pytest.mark.parametrize("name", ["../a.csv", "/etc/passwd", "a/../../b.csv", "a\\b.csv"])
def test_names_in_a_zip_that_leave_it(name: str, inbox: Path) -> None:
    error = refused(inbox / "a.zip", zipped({name: b"a\n1\n"}), format="csv", compression="zip")
    assert error.code == "files.zip-name"


@pytest.mark.parametrize("kept", [0.3, 0.9])
def test_files_that_are_cut(kept: float, inbox: Path) -> None:
    text = "".join(f"{n * 7919},{n}\n" for n in range(5000)).encode()
    table = io.BytesIO()
    pl.DataFrame({"a": range(5000)}).write_parquet(table)
    for data, request in (
        (gzip.compress(text, mtime=0), {"format": "csv", "compression": "gzip"}),
        (zipped({"a.csv": text}), {"format": "csv", "compression": "zip"}),
        (table.getvalue(), {"format": "parquet"}),
    ):
        error = refused(inbox / "a", data[: int(len(data) * kept)], **request)
        assert error.code == "files.damaged"


def test_a_zip_with_a_password(inbox: Path) -> None:
    data = bytearray(zipped({"a.csv": b"a\n1\n"}))
    data[6] |= 1
    data[data.rindex(b"PK\x01\x02") + 8] |= 1
    error = refused(inbox / "a.zip", bytes(data), format="csv", compression="zip")
    assert error.code == "files.zip-encrypted"


@pytest.mark.parametrize(
    ("data", "request_", "code"),
    [
        (zipped({"a": b"x"}), {"format": "csv"}, "files.wrong-format"),
        (gzip.compress(b"a\n1\n", mtime=0), {"format": "csv"}, "files.wrong-format"),
        (b"a,b\n1,2\n", {"format": "parquet"}, "files.wrong-format"),
        (b"a,b\n1,2\n", {"format": "excel"}, "files.wrong-format"),
        (zipped({"a": b"x"}), {"format": "excel"}, "files.damaged"),
        (b"\xd0\xcf\x11\xe0" + bytes(2000), {"format": "excel"}, "files.damaged"),
        (b"a,b\n1,2\n", {"format": "csv", "compression": "gzip"}, "files.damaged"),
        (b"a,b\n1,2\n", {"format": "csv", "compression": "zip"}, "files.damaged"),
        (b"", {"format": "csv"}, "files.empty"),
        (b"\n\n", {"format": "csv"}, "files.empty"),
        (b"a,b\n1,\xff\n", {"format": "csv"}, "files.encoding"),
        ("a\n1\n".encode("utf-16"), {"format": "csv"}, "files.encoding"),
        (b"a\0b\n1\n", {"format": "csv"}, "files.wrong-format"),
        (b"a,,c\n1,2,3\n", {"format": "csv"}, "files.bad-header"),
        (b"a,b,a\n1,2,3\n", {"format": "csv"}, "files.bad-header"),
        (b"source_row\n1\n", {"format": "csv"}, "files.bad-header"),
        (b"a\n1\n", {"format": "csv", "columns": [{"name": "b"}]}, "files.column-missing"),
        (b'a\n"open\n' + b"x\n" * 100, {"format": "csv"}, "files.row-unreadable"),
        (b"a\n" + b"x" * 200_000 + b"\n", {"format": "csv"}, "files.row-unreadable"),
        (b"a\n" + b"x" * 2_000_000, {"format": "csv"}, "files.line-too-long"),
        (b"[" * 100_000, {"format": "json"}, "files.not-json"),
        (b'[{"a":' * 50_000, {"format": "json"}, "files.not-json"),
        (b'[{"a": NaN}]', {"format": "json"}, "files.not-json"),
        (b'[{"a": 1, "a": 2}]', {"format": "json"}, "files.not-json"),
        (b'{"rows": 3}', {"format": "json", "records_key": "rows"}, "files.no-records"),
        (b'{"a": 1}\n{"a": ', {"format": "jsonl"}, "files.not-json"),
        (b'{"a": 1}\n[1]\n', {"format": "jsonl"}, "files.bad-cells"),
    ],
)
def test_content_that_is_not_what_was_declared(
    data: bytes, request_: dict[str, Any], code: str, inbox: Path
) -> None:
    assert refused(inbox / "a.csv", data, **request_).code == code


@pytest.mark.parametrize("form", ["json", "jsonl"])
def test_an_integer_of_a_million_digits(form: str, inbox: Path) -> None:
    data = b'{"a": ' + b"9" * 1_000_000 + b"}"
    data = b"[" + data + b"]" if form == "json" else data
    error = refused(
        inbox / "a", data, format=form, columns=[{"name": "a", "kind": "decimal", "scale": 2}]
    )
    assert error.code == "files.bad-cells"
    assert error.details["first"][0]["code"] == "files.number-too-large"
    assert len(str(error)) < 500


def test_an_error_names_the_row(inbox: Path) -> None:
    data = b"ok\n" * 5000 + b"\xff\n" + b"ok\n" * 5000
    error = refused(inbox / "a.csv", data, format="csv")
    assert error.details == {"file": "a.csv", "row": 5001}
