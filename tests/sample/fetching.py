"""A workflow that fetches from both kinds of source."""

from temporalio import workflow

from tenuto.catalog.library.fetch.http import FetchHttpRequest, FetchHttpResult, fetch_http
from tenuto.catalog.library.fetch.sql import FetchSqlRequest, FetchSqlResult, fetch_sql
from tenuto.core.records import Record


class FetchBothRequest(Record):
    """What to fetch."""

    http: FetchHttpRequest
    sql: FetchSqlRequest | None = None


class FetchBothResult(Record):
    """What came."""

    http: FetchHttpResult
    sql: FetchSqlResult | None = None


@workflow.defn
class FetchBoth:
    """Fetches over HTTP, then from the database."""

    @workflow.run
    async def run(self, request: FetchBothRequest) -> FetchBothResult:
        """The references to both tables."""
        http = await fetch_http(request.http)
        sql = await fetch_sql(request.sql) if request.sql else None
        return FetchBothResult(http=http, sql=sql)
