"""How limits are told: as rules of the verdict, as results, and as a table of all of them."""

from collections.abc import Iterator, Sequence
from typing import Any

import polars as pl

from tenuto.activities.validate.findings import EVERY_ROW, RowRule, Rule, TableRule, table_example
from tenuto.activities.validate.holdings import (
    SHARE_PLACES,
    Holding,
    Scope,
    rounded_share,
    share_of,
)
from tenuto.catalog.library.validate.limits import (
    Breach,
    Contributor,
    LimitResult,
    LimitsRequest,
)
from tenuto.core.money import RoundingMode

MOST_RESULTS = 20
MOST_CONTRIBUTORS = 10

Found = Sequence[tuple[Holding, Breach]]

_SHARE = pl.Decimal(38, SHARE_PLACES)
_RESULT_COLUMNS: dict[str, pl.DataType | type[pl.DataType]] = {
    "limit": pl.String,
    "group": pl.String,
    "share": _SHARE,
    "minimum": _SHARE,
    "maximum": _SHARE,
    "headroom": _SHARE,
    "breach": pl.String,
}


def limit_rules(
    request: LimitsRequest, frame: pl.LazyFrame, scope: Scope, found: Found
) -> Iterator[Rule]:
    """A rule for active and one for passive breaches of a maximum, whose contributors fail; and one
    about the table for a minimum, which may have no position at all."""
    mine = [(holding, breach) for holding, breach in found if holding.limit is scope.limit]
    for breach in ("active", "passive"):
        breached = [holding for holding, kind in mine if kind == breach]
        above = [holding for holding in breached if not holding.is_too_small]
        below = [holding for holding in breached if holding.is_too_small]
        severity = scope.limit.on_active if breach == "active" else scope.limit.on_passive
        suffix = "" if breach == "active" else ".passive"
        description = f"{_text(scope)}: no {breach} breach."
        yield RowRule(
            rule=f"{scope.limit.id}{suffix}",
            severity=severity,
            description=description,
            applies=scope.condition,
            fails=_counts_in_any(scope, above),
            found=_found(scope, above, breach),
            remedy=_remedy(breach),
        )
        if below or getattr(scope.limit, "minimum", None) is not None:
            yield TableRule(
                rule=f"{scope.limit.id}.minimum{suffix}",
                severity=severity,
                description=description,
                checked=len([holding for holding, _ in mine]),
                failed=len(below),
                examples=tuple(
                    table_example(_sentence(holding, breach), _remedy(breach))
                    for holding in below[:10]
                ),
            )


def results(
    request: LimitsRequest, frame: pl.LazyFrame, scopes: Sequence[Scope], found: Found
) -> Iterator[LimitResult]:
    """For each limit its breaches, the worst first, or what comes closest to one."""
    for scope in scopes:
        mine = [(holding, breach) for holding, breach in found if holding.limit is scope.limit]
        mine.sort(key=lambda each: each[0].headroom)
        breached = [each for each in mine if each[1] != "none"]
        for holding, breach in breached[:MOST_RESULTS] or mine[:1]:
            yield _result(request, frame, scope, holding, breach)


def all_results(found: Found) -> pl.DataFrame:
    """`(limits and groups, 7): limit, group, share, minimum, maximum, headroom, breach`."""
    rows: list[dict[str, Any]] = [
        {
            "limit": holding.limit.id,
            "group": holding.group,
            "share": holding.shown_share,
            "minimum": holding.minimum,
            "maximum": holding.maximum,
            "headroom": holding.shown_headroom,
            "breach": breach,
        }
        for holding, breach in found
    ]
    return pl.DataFrame(rows, schema=_RESULT_COLUMNS)


def _result(
    request: LimitsRequest, frame: pl.LazyFrame, scope: Scope, holding: Holding, breach: Breach
) -> LimitResult:
    rows = frame.filter(scope.condition & holding.counts(scope))
    keys = [
        pl.col(name).cast(pl.String).alias(f"key {at}") for at, name in enumerate(request.row_keys)
    ]
    value = pl.col(request.value_column).alias("value")
    names = [f"key {at}" for at in range(len(keys))]
    listed = rows.select(*keys, value).sort(
        "value", *names, descending=[True, *(False for _ in names)], nulls_last=True
    )
    count, first = pl.collect_all(
        [rows.select(pl.len()), listed.head(MOST_CONTRIBUTORS)], engine="streaming"
    )
    return LimitResult(
        limit=scope.limit.id,
        group=holding.group,
        share=holding.shown_share,
        minimum=holding.minimum,
        maximum=holding.maximum,
        headroom=holding.shown_headroom,
        breach=breach,
        contributors=tuple(_contributor(request, row) for row in first.iter_rows(named=True)),
        contributor_count=count.item(),
        source=scope.limit.source,
    )


def _contributor(request: LimitsRequest, row: dict[str, Any]) -> Contributor:
    share = share_of(request, row["value"])
    return Contributor(
        key={name: row[f"key {at}"] for at, name in enumerate(request.row_keys)},
        share=rounded_share(share, RoundingMode.HALF_EVEN),
    )


def _counts_in_any(scope: Scope, breached: Sequence[Holding]) -> pl.Expr:
    if not breached:
        return ~EVERY_ROW
    if any(holding.members is None for holding in breached):
        return EVERY_ROW
    members = {member for holding in breached for member in holding.members or ()}
    return scope.group.is_in(sorted(members))


def _found(scope: Scope, breached: Sequence[Holding], breach: str) -> pl.Expr:
    texts = {
        member: _sentence(holding, breach)
        for holding in breached
        for member in holding.members or ("",)
    }
    if not texts:
        return pl.lit("")
    if scope.limit.by is None:
        return pl.lit(texts[""])
    return scope.group.replace_strict(
        list(texts), list(texts.values()), default=None, return_dtype=pl.String
    )


def _sentence(holding: Holding, breach: str) -> str:
    who = f"{holding.limit.by} {holding.group}" if holding.group is not None else "together"
    bound = f"at least {holding.minimum}" if holding.is_too_small else f"at most {holding.maximum}"
    return f"{who} is {holding.shown_share} of net assets, {bound} is allowed: {breach} breach"


def _text(scope: Scope) -> str:
    return f"{scope.limit.id} ({scope.limit.source})" if scope.limit.source else scope.limit.id


def _remedy(breach: str) -> str:
    if breach == "passive":
        return "bring it back within the limit as a priority, in the interest of the unit-holders"
    return "bring it back within the limit, and record the breach"
