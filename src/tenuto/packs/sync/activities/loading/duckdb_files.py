"""DuckDB, filled from files of JSON lines.

dlt writes rows for DuckDB as `INSERT ... VALUES` text, of which DuckDB parses some 10,000 rows a
second. Its own way with JSON lines is quick, and lets DuckDB guess types from a sample: a text
such as `01/02/2026` comes out as another text. Here each column is read as the type its table has.
"""

import re
from typing import Any

import dlt
from dlt.common.destination import DestinationCapabilitiesContext
from dlt.common.destination.client import LoadJob
from dlt.common.destination.typing import PreparedTableSchema
from dlt.common.schema.utils import is_complete_column
from dlt.destinations.impl.duckdb.duck import DuckDbClient, DuckDbCopyJob

_LONGEST_ROW = 32 * 1024 * 1024
"""Bytes, as dlt's own limit for one statement is."""


class TypedDuckDB(dlt.destinations.duckdb):
    """dlt's DuckDB, with typed JSON lines as its way in."""

    def _raw_capabilities(self) -> DestinationCapabilitiesContext:
        found = super()._raw_capabilities()
        found.preferred_loader_file_format = "jsonl"
        found.supported_loader_file_formats = ["jsonl"]
        return found

    @property
    def client_class(self) -> type[DuckDbClient]:
        """What writes to the file."""
        return _Client


class _Client(DuckDbClient):
    def create_load_job(
        self, table: PreparedTableSchema, file_path: str, load_id: str, restore: bool = False
    ) -> LoadJob:
        job = super().create_load_job(table, file_path, load_id, restore)
        return _TypedLines(file_path) if isinstance(job, DuckDbCopyJob) else job


class _TypedLines(DuckDbCopyJob):
    def run(self) -> None:
        """Adds the rows of the file to the table, in one transaction."""
        client = self._job_client
        self._sql_client = client.sql_client
        table = self._load_table
        columns = {
            name: (str(column["data_type"]), client.type_mapper.to_destination_type(column, table))
            for name, column in table["columns"].items()
            if is_complete_column(column)
        }
        read = ", ".join(
            f"{_text(name)}: {_text(_read_as(kind, there))}"
            for name, (kind, there) in columns.items()
        )
        taken = ", ".join(_taken(_identifier(name), kind) for name, (kind, _) in columns.items())
        self._sql_client.execute_sql(
            f"INSERT INTO {self._sql_client.make_qualified_table_name(self.load_table_name)}"  # noqa: S608
            f" BY NAME SELECT {taken} FROM read_json({_text(_exactly(self._file_path))},"
            f" format = 'newline_delimited', maximum_object_size = {_LONGEST_ROW},"
            f" columns = {{{read}}})"
        )


def _read_as(kind: str, there: str) -> str:
    return "VARCHAR" if kind == "binary" else there


def _taken(column: str, kind: str) -> str:
    if kind == "binary":  # bytes are base64 in JSON
        return f"from_base64({column}) AS {column}"
    if kind == "json":  # JSON that the source gave as text is a string here
        parsed = f"CAST({column} ->> '$' AS JSON)"
        return (
            f"CASE json_type({column}) WHEN 'VARCHAR' THEN {parsed} ELSE {column} END AS {column}"
        )
    return column


def _exactly(path: str) -> str:
    """A pattern that only `path` fits."""
    return re.sub(r"[*?\[]", r"[\g<0>]", path)


def _identifier(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _text(value: Any) -> str:
    return "'" + str(value).replace("'", "''") + "'"
