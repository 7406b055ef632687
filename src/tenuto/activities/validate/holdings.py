"""What a fund holds under each limit, as exact shares of its net assets."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

import polars as pl

from tenuto.activities.exact import collect, total
from tenuto.activities.validate.expressions.values import column_value
from tenuto.activities.validate.findings import EVERY_ROW
from tenuto.activities.validate.judging import label
from tenuto.activities.validate.keys import key_text
from tenuto.catalog.library.validate.limits import AnyLimit, Cap, LargeHoldings, LimitsRequest
from tenuto.core.errors import DataError
from tenuto.core.money import RoundingMode, exact, round_to

SHARE_PLACES = 8

_LISTED = 5


@dataclass(frozen=True)
class Scope:
    """A limit and the positions it is about."""

    limit: AnyLimit
    condition: pl.Expr

    @property
    def group(self) -> pl.Expr:
        """Whom a position counts for, as text; null where all count together."""
        return (
            pl.lit(None, pl.String)
            if self.limit.by is None
            else pl.col(self.limit.by).cast(pl.String)
        )


@dataclass(frozen=True)
class Holding:
    """What counts together against a limit."""

    limit: AnyLimit
    group: str | None
    members: tuple[str, ...] | None
    """The values of the limit's `by` column that count; None for all positions."""
    share: Fraction
    minimum: Decimal | None
    maximum: Decimal | None

    @property
    def is_too_small(self) -> bool:
        """Whether the share is below the minimum."""
        return self.minimum is not None and self.share < exact(self.minimum)

    @property
    def is_breached(self) -> bool:
        """Whether the share is outside of the limit; on it is within."""
        return self.is_too_small or (self.maximum is not None and self.share > exact(self.maximum))

    @property
    def headroom(self) -> Fraction:
        """How far the share may still move; negative in a breach."""
        rooms = []
        if self.maximum is not None:
            rooms.append(exact(self.maximum) - self.share)
        if self.minimum is not None:
            rooms.append(self.share - exact(self.minimum))
        return min(rooms)

    @property
    def shown_share(self) -> Decimal:
        """The share to eight decimals, half to even."""
        return rounded_share(self.share, RoundingMode.HALF_EVEN)

    @property
    def shown_headroom(self) -> Decimal:
        """The headroom to eight decimals, rounded against the fund: no breach looks like none."""
        mode = RoundingMode.UP if self.headroom < 0 else RoundingMode.DOWN
        return rounded_share(self.headroom, mode)

    def counts(self, scope: Scope) -> pl.Expr:
        """Which of the scope's positions count."""
        return EVERY_ROW if self.members is None else scope.group.is_in(list(self.members))


def holdings(request: LimitsRequest, frame: pl.LazyFrame, scope: Scope) -> Iterator[Holding]:
    """Everything a limit is held against, by name of the group.

    Raises DataError `validate.limits-untold`, and `money.too-many-digits`.
    """
    _refuse_untold(request, frame, scope)
    limit = scope.limit
    shares = _shares(request, frame, scope)
    if isinstance(limit, LargeHoldings):
        large = {name: share for name, share in shares.items() if share > exact(limit.above)}
        together = sum(large.values(), Fraction(0))
        yield Holding(limit, None, tuple(large), together, None, limit.maximum)
        return
    if limit.by is None:
        yield _capped(limit, None, None, sum(shares.values(), Fraction(0)))
    for name, share in shares.items() if limit.by else ():
        yield _capped(limit, name, (name,), share)


def rounded_share(share: Fraction, mode: RoundingMode) -> Decimal:
    """A share to eight decimals; nothing is `0`, and not `0E-8`."""
    return round_to(share, SHARE_PLACES, mode) or Decimal(0)


def share_of(request: LimitsRequest, value: Decimal) -> Fraction:
    """A value as a share of net assets."""
    whole = Decimal(1) if request.net_assets is None else request.net_assets
    return exact(value) / exact(whole)


def _capped(
    limit: Cap, group: str | None, members: tuple[str, ...] | None, share: Fraction
) -> Holding:
    return Holding(limit, group, members, share, limit.minimum, limit.maximum)


def _shares(request: LimitsRequest, frame: pl.LazyFrame, scope: Scope) -> dict[str, Fraction]:
    """Shares by group, sorted by name; under the name `` where all count together."""
    column = next(each for each in request.table.columns if each.name == request.value_column)
    value = total(pl.col("value"), scale=column_value(column).scale)
    scoped = frame.filter(scope.condition).select(
        scope.group.fill_null("").alias("group"), pl.col(request.value_column).alias("value")
    )
    sums = collect(scoped.group_by("group").agg(value), label(request.table)).sort("group")
    return {name: share_of(request, Decimal(value)) for name, value in sums.iter_rows()}


def _refuse_untold(request: LimitsRequest, frame: pl.LazyFrame, scope: Scope) -> None:
    is_untold = pl.col(request.value_column).is_null()
    if scope.limit.by is not None:
        is_untold |= pl.col(scope.limit.by).is_null()
    condition = scope.condition
    rows = (
        frame.filter(condition.is_null() | (condition & is_untold))
        .select(key_text(request.row_keys).alias("key"))
        .head(_LISTED)
        .collect(engine="streaming")
    )
    if rows.height:
        raise DataError(
            f"Limit `{scope.limit.id}` cannot be checked: of {'; '.join(rows['key'])} a value that "
            f"it needs is missing (`{request.value_column}`, `{scope.limit.by}`, or a column of "
            "its `where`). Supply it: what is missing is not zero.",
            code="validate.limits-untold",
            details={"limit": scope.limit.id, "positions": rows["key"].to_list()},
        )
