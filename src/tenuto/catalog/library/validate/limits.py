"""`validate.limits`: how much of a fund may be in one place, and what the fund has there.

Which limits bind a fund, and what counts towards each, is for its prospectus and its compliance
officer to say; the ones in `ucits` are the general rules of the directive.
"""

from datetime import timedelta
from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import Field, NonNegativeInt, model_validator

from tenuto.catalog import SideEffect, activity
from tenuto.catalog.library.validate.verdict import (
    QUEUE,
    RuleId,
    Severity,
    TableRequest,
    Validated,
)
from tenuto.core.records import Record
from tenuto.core.references import Dataset

Breach = Literal["none", "active", "passive"]
"""`passive`: no contributing position was bought (for a minimum: sold) since the prior positions,
so prices or flows made the breach; Directive 2009/65/EC Art. 57(2) asks to remedy it as a priority.
`active`: everything else, also where no prior positions are given."""

Shares = Annotated[Decimal, Field(ge=0, le=10)]
"""A fraction of net assets; above 1 where exposure may exceed them."""


class Limit(Record):
    """What every limit has."""

    id: RuleId
    source: str = ""
    """Where the limit comes from, for example an article of a directive."""
    where: str | None = None
    """The positions that count, in the language of rule files: `asset_class = 'deposit'`."""
    by: str | None = None
    """The column that says who or what: each of its values is held against the limit by itself.
    None holds all positions that count against it together."""
    on_active: Severity = "block"
    on_passive: Severity = "warn"


class Cap(Limit):
    """A share of net assets that is at most, or at least, so large; equal to it is no breach."""

    kind: Literal["cap"] = "cap"
    maximum: Shares | None = None
    minimum: Shares | None = None

    @model_validator(mode="after")
    def _has_a_bound(self) -> Self:
        if self.maximum is None and self.minimum is None:
            raise ValueError(f"limit {self.id!r} needs `maximum`, `minimum`, or both")
        if self.maximum is not None and self.minimum is not None and self.minimum > self.maximum:
            raise ValueError(f"limit {self.id!r}: minimum is above maximum")
        return self


class LargeHoldings(Limit):
    """All holdings above a threshold together are at most so large."""

    kind: Literal["large-holdings"] = "large-holdings"
    by: str
    above: Shares
    """A holding counts when it is larger than this; equal to it does not count."""
    maximum: Shares


AnyLimit = Annotated[Cap | LargeHoldings, Field(discriminator="kind")]


class LimitsRequest(TableRequest):
    """Positions, and the limits they are held against."""

    limits: Annotated[tuple[AnyLimit, ...], Field(min_length=1)]
    row_keys: Annotated[tuple[str, ...], Field(min_length=1)]
    """Columns that name a position; they also join it to the prior positions."""
    value_column: str
    """Each position's value in base currency, or its share of net assets: exact decimals."""
    net_assets: Decimal | None = None
    """In base currency; None where the values are shares of net assets already."""
    prior: Dataset | None = None
    """The positions of the day before, with the same key and quantity columns."""
    quantity_column: str | None = None
    """Needed with `prior`."""
    still_active: tuple[str, ...] = ()
    """Breaches found active earlier and not cured since, as `<limit>` or `<limit>/<group>`: they
    stay active when prices move."""

    @model_validator(mode="after")
    def _parts_fit_together(self) -> Self:
        if self.net_assets is not None and self.net_assets <= 0:
            raise ValueError(f"net_assets is {self.net_assets}; a share of it needs more than 0")
        if self.prior is not None and self.quantity_column is None:
            raise ValueError("`prior` needs `quantity_column`")
        names = [limit.id for limit in self.limits]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"limit {twice[0]!r} is given twice")
        return self


class Contributor(Record):
    """A position that counts towards a limit."""

    key: dict[str, str | None]
    share: Decimal
    """Fraction of net assets, eight decimals, half to even."""


class LimitResult(Record):
    """One limit and what it was held against."""

    limit: RuleId
    group: str | None
    """The value of the limit's `by` column; None for all positions together."""
    share: Decimal
    """Fraction of net assets, eight decimals, half to even; the verdict is about the exact one."""
    maximum: Decimal | None
    minimum: Decimal | None
    headroom: Decimal
    """How far the share may still move before a breach, to eight decimals; negative in a breach."""
    breach: Breach
    contributors: tuple[Contributor, ...]
    """The largest ten, largest first."""
    contributor_count: NonNegativeInt
    source: str


class CheckedLimits(Validated):
    """The verdict on the positions: those in a blocking breach are in `quarantined`."""

    results: tuple[LimitResult, ...]
    """For each limit its breaches, at most 20, the worst first; where there is none, the group with
    the least headroom."""
    all_results: Dataset
    """Every limit and group: `limit, group, share, minimum, maximum, headroom, breach`."""


check_limits = activity(
    "validate.limits",
    request=LimitsRequest,
    result=CheckedLimits,
    summary="Hold positions against concentration limits, and tell active from passive breaches.",
    queue=QUEUE,
    start_to_close=timedelta(minutes=10),
    side_effect=SideEffect.ARTIFACTS,
    idempotency="The same positions and limits give the same bytes, which are stored once.",
)
