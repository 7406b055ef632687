"""Reading a whole table by its name: only names that the database itself knows."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from tenuto.activities.fetch.sql_statement import typed_literal
from tenuto.catalog.library.fetch.columns import ColumnSpec
from tenuto.catalog.library.fetch.sql import FetchSqlRequest
from tenuto.core.errors import NotFoundError


@dataclass(frozen=True)
class TableQuery:
    """A SELECT of a table, and what the table's definition says about the columns."""

    statement: sa.Select[Any]
    columns: tuple[ColumnSpec, ...]
    """Of the selected columns those whose definition leaves no choice."""


def table_query(connection: sa.Connection, request: FetchSqlRequest) -> TableQuery:
    """The SELECT for `table`, `select`, `where`, and `order_by`.

    Sorted by primary key unless told otherwise. Raises NotFoundError `fetch.sql-no-such-table`,
    `fetch.sql-no-such-column`.
    """
    found = _inspected(connection, request)
    names = request.select or tuple(found)
    keys = request.order_by or _primary_key(connection, request)
    for name in (*names, *request.where, *keys):
        _refuse_unknown(name, found, request)
    columns: dict[str, sa.ColumnClause[Any]] = {name: sa.column(name) for name in found}
    source = sa.table(request.table or "", *columns.values(), schema=request.schema_name)
    conditions = [
        columns[name].is_(None)
        if value is None
        else columns[name] == sa.bindparam(None, value, type_=typed_literal(value))
        for name, value in request.where.items()
    ]
    statement = sa.select(*(columns[name] for name in names)).select_from(source)
    statement = statement.where(*conditions).order_by(*(columns[name] for name in keys))
    specs = (_declared(name, found[name]) for name in names)
    return TableQuery(statement, tuple(spec for spec in specs if spec is not None))


def _inspected(
    connection: sa.Connection, request: FetchSqlRequest
) -> Mapping[str, sa.types.TypeEngine[Any]]:
    try:
        found = sa.inspect(connection).get_columns(request.table or "", request.schema_name)
    except sa.exc.NoSuchTableError as exc:
        where = f" in schema `{request.schema_name}`" if request.schema_name else ""
        raise NotFoundError(
            f"The database has no table or view `{request.table}`{where} that this user may see; "
            "check the name, which distinguishes capitals, and the schema.",
            code="fetch.sql-no-such-table",
        ) from exc
    return {column["name"]: column["type"] for column in found}


def _primary_key(connection: sa.Connection, request: FetchSqlRequest) -> tuple[str, ...]:
    key = sa.inspect(connection).get_pk_constraint(request.table or "", request.schema_name)
    return tuple(key["constrained_columns"])


def _refuse_unknown(name: str, found: Mapping[str, Any], request: FetchSqlRequest) -> None:
    if name not in found:
        raise NotFoundError(
            f"Table `{request.table}` has no column `{name}`; it has "
            f"{', '.join(f'`{each}`' for each in found)}.",
            code="fetch.sql-no-such-column",
        )


def _declared(name: str, kind: sa.types.TypeEngine[Any]) -> ColumnSpec | None:
    """None where the values have to tell: floats, moments without a zone, and anything rare."""
    match kind:
        case sa.Boolean():
            return ColumnSpec(name=name, kind="boolean")
        case sa.Integer():
            return ColumnSpec(name=name, kind="integer")
        case sa.Numeric(scale=int(scale)) if not isinstance(kind, sa.Float) and 0 <= scale <= 38:
            return ColumnSpec(name=name, kind="decimal", scale=scale)
        case sa.DateTime(timezone=True):
            return ColumnSpec(name=name, kind="datetime")
        case sa.Date():
            return ColumnSpec(name=name, kind="date")
        case sa.String():
            return ColumnSpec(name=name, kind="text")
        case _:
            return None
