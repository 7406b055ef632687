"""Tables of a database: read in a transaction that cannot write, by a cursor that keeps what is
late."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, cast
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from pydantic import ValidationError

from tenuto.activities.fetch.sql_connection import reading_connection
from tenuto.activities.fetch.sql_statement import select_statement
from tenuto.catalog.library.fetch.sql import FetchSqlRequest
from tenuto.core.errors import DataError, NotFoundError, UsageError
from tenuto.packs.sync.models import Window
from tenuto.packs.sync.sources.file import config_of
from tenuto.packs.sync.sources.kinds import SqlConfig, SqlTable

if TYPE_CHECKING:
    from dlt.extract.resource import DltResource
    from dlt.sources import DltSource

    from tenuto.packs.sync.port import Opening

_FROM, _BEFORE = "tenuto_from", "tenuto_before"


def open_sql(wanted: "Opening") -> "DltSource":
    """A resource per table of `config`. Raises UsageError `sync.config-invalid`, `sync.no-window`.

    While it is extracted, errors of the database are those of `fetch.sql`; DataError
    `sync.cursor-null` names a row whose cursor is missing.
    """
    import dlt

    config = cast("SqlConfig", config_of(wanted.source, wanted.name))
    request = _request(wanted, config)
    resources = [_resource(table, request, config.batch, wanted) for table in config.tables]
    source: DltSource = dlt.source(lambda: resources, name=wanted.name)()
    return source


def _request(wanted: "Opening", config: SqlConfig) -> FetchSqlRequest:
    references = wanted.source.secrets
    try:
        return FetchSqlRequest(
            connection=references.get("connection", config.connection),
            password=references.get("password"),
            table="unused",
            timeout=config.timeout,
        )
    except ValidationError as wrong:
        said = wrong.errors(include_url=False, include_input=False)[0]["msg"]
        raise UsageError(
            f"Source `{wanted.name}`: `connection`: {said}.", code="sync.config-invalid"
        ) from None  # its text repeats the URL


def _resource(
    table: SqlTable, request: FetchSqlRequest, batch: int, wanted: "Opening"
) -> "DltResource":
    import dlt

    from tenuto.packs.sync.cursor import cursor as keep

    is_asked = not wanted.source.resources or table.name in wanted.source.resources
    if wanted.window is not None and table.cursor is None and is_asked:
        raise UsageError(
            f"Table `{table.name}` has no `cursor`, so it is not known which rows belong to which"
            " day; give it one, or leave it out of the backfill with --prefix.",
            code="sync.no-window",
        )

    begins = table.cursor if wanted.window is None else None

    # dlt finds a cursor by the default of a parameter.
    def rows(
        since: Any = keep(begins, lag=table.lag) if begins else None,  # noqa: B008
    ) -> Iterator[list[dict[str, Any]]]:
        low, high = _limits(table, since, wanted.window)
        with reading_connection(request) as connection:
            statement = _statement(connection, table, low, high)
            streamed = connection.execution_options(stream_results=True, yield_per=batch)
            for part in streamed.execute(statement).mappings().partitions():
                yield [_checked(dict(row), table) for row in part]

    hints: dict[str, Any] = {"name": table.name, "max_table_nesting": 0}
    key = table.primary_key or _key_of(request, table)
    if key:
        hints |= {"primary_key": list(key), "write_disposition": "merge"}
    elif table.cursor is None:
        hints["write_disposition"] = "replace"
    else:
        raise UsageError(
            f"Table `{table.name}` has a cursor and no primary key, so rows that are read again"
            " could not be told from new ones; give `primary_key`.",
            code="sync.config-invalid",
        )
    made: Callable[..., DltResource] = dlt.resource(rows, **hints)
    return made()


def _key_of(request: FetchSqlRequest, table: SqlTable) -> tuple[str, ...]:
    if table.query is not None:
        return ()
    with reading_connection(request) as connection:
        found = sa.inspect(connection)
        if not found.has_table(table.name, schema=table.schema_name) and (
            table.name not in found.get_view_names(schema=table.schema_name)
        ):
            raise NotFoundError(
                f"The database has no table or view `{table.name}` that this user may see; check"
                " the name, which distinguishes capitals, and the schema.",
                code="fetch.sql-no-such-table",
            )
        key = found.get_pk_constraint(table.name, schema=table.schema_name)
        return tuple(key["constrained_columns"])


def _limits(table: SqlTable, since: Any, window: Window | None) -> tuple[Any, Any]:
    """From where, and up to before what; None means no limit."""
    if window is not None:
        return window.start, window.end + timedelta(days=1)
    if table.cursor is None:
        return None, None
    return (table.initial if since.last_value is None else since.last_value), None


def _statement(connection: sa.Connection, table: SqlTable, low: Any, high: Any) -> Any:
    if table.query is not None:
        return _asked(connection, table, low, high)
    source = sa.Table(table.name, sa.MetaData(), schema=table.schema_name, autoload_with=connection)
    for name in (*table.columns, *((table.cursor,) if table.cursor else ())):
        if name not in source.columns:
            known = ", ".join(f"`{each.name}`" for each in source.columns)
            raise NotFoundError(
                f"Table `{table.name}` has no column `{name}`; it has {known}.",
                code="fetch.sql-no-such-column",
            )
    chosen = [source.columns[name] for name in table.columns] or list(source.columns)
    statement = sa.select(*chosen)
    if table.cursor is not None:
        column = source.columns[table.cursor]
        if low is not None:
            # A missing cursor has to be seen: skipped here, the row would be lost in silence.
            statement = statement.where((column >= _fitting(low, column, table)) | column.is_(None))
        if high is not None:
            statement = statement.where(column < _fitting(high, column, table))
        statement = statement.order_by(column)
    return statement


def _asked(connection: sa.Connection, table: SqlTable, low: Any, high: Any) -> sa.TextClause:
    """The query, within its limits where it has a cursor; every value is bound.

    Raises UsageError as `select_statement`.
    """
    query = str(table.query)
    if table.cursor is None:
        return select_statement(query, table.parameters)
    column = sa.column(table.cursor).compile()
    is_sqlite = connection.dialect.name == "sqlite"
    limits = {
        name: _as_text(value) if is_sqlite else _read(value)
        for name, value in ((_FROM, low), (_BEFORE, high))
        if value is not None
    }
    conditions = {_FROM: f"({column} >= :{_FROM} OR {column} IS NULL)"}
    conditions |= {_BEFORE: f"{column} < :{_BEFORE}"}
    where = " AND ".join(conditions[name] for name in limits) or "TRUE"
    inner = query.strip().rstrip(";")
    return select_statement(
        f"SELECT * FROM ({inner}\n) AS asked WHERE {where} ORDER BY {column}",  # noqa: S608
        dict(table.parameters) | limits,
    )


def _as_text(value: Any) -> Any:
    """SQLite keeps dates as text."""
    return (
        value.isoformat(*" " if isinstance(value, datetime) else "")
        if isinstance(value, date)
        else value
    )


def _read(value: Any) -> Any:
    """A date or a moment where the file has one as text."""
    if not isinstance(value, str):
        return value
    for kind in (date, datetime):
        with suppress(ValueError):
            return kind.fromisoformat(value)
    return value


def _fitting(value: Any, column: sa.Column[Any], table: SqlTable) -> Any:
    """A limit as the column's type has it: text from the file, or a day of a window."""
    kind = column.type
    if isinstance(kind, sa.DateTime):
        return _moment(value, ZoneInfo(table.time_zone) if kind.timezone else None)
    if isinstance(kind, sa.Date):
        return date.fromisoformat(value[:10]) if isinstance(value, str) else value
    if isinstance(kind, sa.String) and isinstance(value, date):
        return value.isoformat()
    if isinstance(kind, sa.Integer) and isinstance(value, date):
        raise UsageError(
            f"The cursor `{column.name}` is a number, so a window of days means nothing to it;"
            " backfill a table whose cursor is a date or a moment.",
            code="sync.no-window",
        )
    return value


def _moment(value: Any, zone: ZoneInfo | None) -> Any:
    if isinstance(value, str):
        return datetime.fromisoformat(value)
    if isinstance(value, date) and not isinstance(value, datetime):
        return datetime(value.year, value.month, value.day, tzinfo=zone)
    return value


def _checked(row: dict[str, Any], table: SqlTable) -> dict[str, Any]:
    if table.cursor is not None and row.get(table.cursor, 0) is None:
        raise DataError(
            f"A row of `{table.name}` has no `{table.cursor}`, which is its cursor, so no later"
            " load would find it; fill the column, or choose another cursor.",
            code="sync.cursor-null",
        )
    return row
