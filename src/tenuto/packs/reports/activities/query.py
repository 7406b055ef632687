"""`reports.query`: every query of a report, from wherever it reads, into a stored table."""

from tenuto.activities.fetch import sql
from tenuto.activities.fetch.sql_statement import parameters_in
from tenuto.artifacts.current import current_store
from tenuto.artifacts.store import ArtifactStore
from tenuto.catalog import implements
from tenuto.catalog.library.fetch.sql import FetchSqlRequest, SqlValue
from tenuto.core.errors import DataError, UsageError
from tenuto.core.references import Dataset
from tenuto.engine.project import current_settings
from tenuto.packs.reports import catalog
from tenuto.packs.reports.activities.open_report import kept
from tenuto.packs.reports.activities.query_duckdb import read_file, read_stored
from tenuto.packs.reports.definition import Bundle, Query, Source, Text
from tenuto.packs.reports.handoffs import Queried, QueryRequest
from tenuto.packs.reports.parameters import Values, params_of, typed


@implements(catalog.query)
def query(request: QueryRequest) -> Queried:
    """Query -> its rows, in the database's order.

    Values are bound, never written into the text; nothing is written anywhere. Raises UsageError
    `reports.param-unknown` for a `:name` that is no parameter, and what `fetch.sql` and
    `query_duckdb` raise, each naming the query.
    """
    store = current_store()
    return Queried(tables=tables_of(kept(request.bundle, store), request.params, store))


def tables_of(bundle: Bundle, params: Values, store: ArtifactStore) -> dict[str, Dataset]:
    """As `query`, for a bundle in hand."""
    return {
        name: _table(bundle, name, each, params, store)
        for name, each in bundle.report.every_query.items()
    }


def _table(
    bundle: Bundle, name: str, query: Query, params: Values, store: ArtifactStore
) -> Dataset:
    source = query.source or bundle.report.source
    assert source is not None  # noqa: S101 (checked on reading)
    if query.query is None:
        return _stored(source, bundle, params, store)
    bound = _bound(bundle, query.query, params)
    report = bundle.report
    if source.connection is not None:
        request = FetchSqlRequest(
            connection=source.connection,
            password=source.password,
            query=query.query.text,
            parameters={each: _plain(bound[each]) for each in bound},
            name=f"{report.name} {name}",
            timeout=report.timeout,
            max_rows=report.max_rows,
        )
        return sql.fetch(request).dataset
    values = typed(report, bound)
    label = f"{report.name} {name}"
    if source.duckdb is not None:
        file = current_settings().root / source.duckdb
        return read_file(file, query.query.text, values, report, label, store)
    table = _stored(source, bundle, params, store)
    return read_stored(table, query.query.text, values, report, label, store)


def _bound(bundle: Bundle, text: Text, params: Values) -> Values:
    """The parameters that the query names."""
    names = parameters_in(text.text)
    known = params_of(bundle.report)
    unknown = sorted(names - set(known))
    if unknown:
        raise UsageError(
            f"{text.name}:{text.line}: the query names `:{unknown[0]}`, which is no parameter of "
            f"the report; it has {', '.join(known)}.",
            code="reports.param-unknown",
        )
    return {name: params[name] for name in sorted(names)}


def _plain(value: object) -> SqlValue:
    return value if value is None or isinstance(value, bool | int) else str(value)


def _stored(source: Source, bundle: Bundle, params: Values, store: ArtifactStore) -> Dataset:
    named = _filled(str(source.artifact), bundle, params)
    found = store.resolve(named)
    if not isinstance(found, Dataset):
        raise DataError(
            f"`{named}` is a file, and report `{bundle.report.name}` reads a table; name a table.",
            code="reports.not-a-table",
        )
    return found


def _filled(name: str, bundle: Bundle, params: Values) -> str:
    try:
        return name.format_map({each: str(value) for each, value in params.items()})
    except (KeyError, ValueError, IndexError, AttributeError) as wrong:
        raise UsageError(
            f"`artifact: {name}` of report `{bundle.report.name}` names something that is no "
            f"parameter ({wrong}); it has {', '.join(params)}.",
            code="reports.param-unknown",
        ) from wrong
