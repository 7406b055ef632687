"""`fetch.sql`: a table from a database, read and never written."""

import re
from datetime import timedelta
from typing import Annotated, Self
from urllib.parse import parse_qsl

from pydantic import (
    AfterValidator,
    Field,
    NonNegativeInt,
    PositiveInt,
    StrictBool,
    StrictInt,
    StrictStr,
    StringConstraints,
    field_validator,
    model_validator,
)

from tenuto.catalog import SideEffect, activity
from tenuto.catalog.library.fetch.columns import ColumnSpec, refuse_twice_named
from tenuto.catalog.library.fetch.secret_reference import SecretReference
from tenuto.core.records import Record
from tenuto.core.references import Dataset

QUEUE = "integration"

_PASSWORD_IN_URL = re.compile(r"://[^/@]*:[^@]*@")
_PASSWORD_OPTIONS = {"odbc_connect", "passwd", "password", "pwd", "sslpassword"}

SqlValue = StrictBool | StrictInt | StrictStr | None
"""A bound value. A number with decimals, a date, or a moment goes as text, and is cast in the
query where the database does not do so by itself: `:day::date`."""

Identifier = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")]


class FetchSqlRequest(Record):
    """Which database, and what to read: either a query, or a table."""

    connection: str
    """A SQLAlchemy URL without a password, such as `postgresql+pg8000://reader@host/prices` or
    `sqlite:////data/book.db`, or a `secret://` reference to a whole URL."""
    password: SecretReference | None = None
    """The password of the user in `connection`."""
    query: str | None = None
    """One SELECT, or WITH and SELECT; `:name` stands for a parameter."""
    parameters: dict[str, SqlValue] = Field(default_factory=dict)
    """A value for each `:name` in `query`."""
    table: Identifier | None = None
    """In place of a query: the table or view to read."""
    schema_name: Identifier | None = None
    """The schema of `table`, if not the default one."""
    select: tuple[Identifier, ...] = ()
    """Columns of `table`; all of them when empty."""
    where: dict[Identifier, SqlValue] = Field(default_factory=dict)
    """Only rows of `table` where each of these columns equals its value; null means missing."""
    order_by: tuple[Identifier, ...] = ()
    """Columns of `table` to sort by; its primary key when empty."""
    columns: Annotated[tuple[ColumnSpec, ...], AfterValidator(refuse_twice_named)] = ()
    """The columns of the dataset, typed. Without any, they follow from the table's definition and
    the values."""
    name: str = "fetched rows"
    """What a person calls the result."""
    timeout: Annotated[timedelta, Field(gt=timedelta(0), le=timedelta(hours=2))] = timedelta(
        minutes=10
    )
    """For connecting, running the query, and reading all rows."""
    max_rows: PositiveInt = 10_000_000
    max_bytes: PositiveInt = 4 * 1024**3
    """Of the values in memory form, over all rows."""

    @field_validator("connection")
    @classmethod
    def _no_password(cls, connection: str) -> str:
        _, _, query = connection.partition("?")
        named = {name.lower() for name, _ in parse_qsl(query, keep_blank_values=True)}
        if _PASSWORD_IN_URL.search(connection) or named & _PASSWORD_OPTIONS:
            raise ValueError(
                "the URL carries a password, which would be stored in the run; give it as "
                "`password: secret://env/NAME`, or the whole URL as a secret:// reference"
            )
        return connection

    @model_validator(mode="after")
    def _options_fit(self) -> Self:
        if (self.query is None) == (self.table is None):
            raise ValueError("give either `query` or `table`")
        of_table = self.select or self.where or self.order_by or self.schema_name
        if self.query is not None and of_table:
            raise ValueError("`select`, `where`, `order_by` and `schema_name` belong to `table`")
        if self.table is not None and self.parameters:
            raise ValueError("`parameters` belong to `query`; use `where`")
        return self


class FetchSqlResult(Record):
    """What was read, pinned by its content."""

    dataset: Dataset
    """The rows in the order in which the database gave them."""
    rows: NonNegativeInt
    bytes: NonNegativeInt
    """Of the values in memory form."""


fetch_sql = activity(
    "fetch.sql",
    request=FetchSqlRequest,
    result=FetchSqlResult,
    summary="Read a query or a table from a database into a dataset.",
    queue=QUEUE,
    start_to_close=timedelta(hours=2),
    side_effect=SideEffect.ARTIFACTS,
    idempotency="It only reads, in one transaction; a repeated attempt reads again from the start.",
)
