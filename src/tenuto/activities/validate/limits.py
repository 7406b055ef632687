"""Body of `validate.limits`: what a fund has in one place, held against what it may have there."""

from collections.abc import Sequence

from tenuto.activities.heartbeat import beat
from tenuto.activities.validate.expressions.compiling import compile_condition
from tenuto.activities.validate.expressions.problem import ExpressionError
from tenuto.activities.validate.expressions.values import Kind, column_value
from tenuto.activities.validate.findings import EVERY_ROW
from tenuto.activities.validate.holdings import Holding, Scope, holdings
from tenuto.activities.validate.judging import evaluating, judged, refuse_unknown_columns
from tenuto.activities.validate.limit_report import all_results, limit_rules, results
from tenuto.activities.validate.measures import kind_of, wrong_type
from tenuto.activities.validate.trades import Trades, trades_since
from tenuto.artifacts.current import current_store
from tenuto.catalog import implements
from tenuto.catalog.library.validate.limits import (
    AnyLimit,
    Breach,
    CheckedLimits,
    LimitsRequest,
    check_limits,
)
from tenuto.core.errors import UsageError


@implements(check_limits)
def validate_limits(request: LimitsRequest) -> CheckedLimits:
    """The verdict on the positions, and each limit with its share, headroom, and breach.

    Shares are compared exactly, as fractions of integers. Raises UsageError for limits that do not
    fit the table, and DataError `validate.limits-untold` for a position of which it cannot be told
    what it counts towards.
    """
    _refuse_unfit(request)
    scopes = _scopes(request)
    frame = current_store().scan_table(request.table)
    with evaluating(request.table):
        trades = trades_since(request, frame)
        found: list[tuple[Holding, Breach]] = []
        for scope in scopes:
            beat(f"limit {scope.limit.id}")
            found += [
                (holding, _breach(request, scope, holding, trades))
                for holding in holdings(request, frame, scope)
            ]
        rules = [rule for scope in scopes for rule in limit_rules(request, frame, scope, found)]
    verdict = judged(request, frame, rules)
    with evaluating(request.table):
        return CheckedLimits(
            **dict(verdict),
            results=tuple(results(request, frame, scopes, found)),
            all_results=current_store().put_table(all_results(found), name="limits"),
        )


def _breach(
    request: LimitsRequest, scope: Scope, holding: Holding, trades: Trades | None
) -> Breach:
    if not holding.is_breached:
        return "none"
    name = scope.limit.id if holding.group is None else f"{scope.limit.id}/{holding.group}"
    if trades is None or name in request.still_active:
        return "active"
    rows = scope.condition & holding.counts(scope)
    if holding.is_too_small:
        return "active" if trades.has_sold(rows) else "passive"
    return "active" if trades.has_bought(rows) else "passive"


def _refuse_unfit(request: LimitsRequest) -> None:
    table = request.table
    columns = [request.value_column, *request.row_keys]
    columns += [limit.by for limit in request.limits if limit.by]
    refuse_unknown_columns(table, columns, "validate.limits")
    if kind_of(table, request.value_column) is not Kind.NUMBER:
        raise wrong_type(table, request.value_column, "exact decimals")
    if request.prior is not None and request.quantity_column is not None:
        needed = [*request.row_keys, request.quantity_column]
        refuse_unknown_columns(table, needed, "quantity_column")
        refuse_unknown_columns(request.prior, needed, "prior")
        for each in (table, request.prior):
            if kind_of(each, request.quantity_column) is not Kind.NUMBER:
                raise wrong_type(each, request.quantity_column, "exact decimals")


def _scopes(request: LimitsRequest) -> Sequence[Scope]:
    columns = {column.name: column_value(column) for column in request.table.columns}
    problems, scopes = [], []
    for limit in request.limits:
        condition = EVERY_ROW
        try:
            if limit.where is not None:
                condition = compile_condition(limit.where, columns, {})
        except ExpressionError as wrong:
            problems.append(_problem(limit, wrong))
        scopes.append(Scope(limit, condition))
    if problems:
        raise UsageError(
            f"{len(problems)} limit(s) cannot be read. {' '.join(problems)}",
            code="validate.limit-invalid",
            details={"problems": problems},
        )
    return scopes


def _problem(limit: AnyLimit, wrong: ExpressionError) -> str:
    return f"`{limit.id}`, `where` character {wrong.at + 1}: {wrong.problem} (in `{limit.where}`)."
