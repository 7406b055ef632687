"""What a check hands to the judge: rules about rows, and findings about the table as a whole."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

import polars as pl

from tenuto.catalog.library.validate.verdict import Example, RuleSummary, Severity
from tenuto.core.money import RoundingMode, divide

MOST_EXAMPLES = 10

EVERY_ROW = pl.lit(value=True)

_LONGEST_TEXT = 300


@dataclass(frozen=True, kw_only=True)
class Lookup:
    """Rows marked by another table, so that an expression need not look beyond its row."""

    mark: str
    """The column that is true in rows whose values are among `keys`, else null."""
    columns: tuple[str, ...]
    keys: pl.LazyFrame
    """The distinct values, in columns of the same names and types."""


@dataclass(frozen=True, kw_only=True)
class RowRule:
    """A rule that each row passes or fails by itself."""

    rule: str
    severity: Severity
    description: str
    fails: pl.Expr
    """Boolean; null, which means that it cannot be told, counts as failed."""
    found: pl.Expr
    """What a row that fails has, as text, from the row's own columns."""
    remedy: str
    applies: pl.Expr = EVERY_ROW
    """Rows that are checked; null counts as true."""
    lookup: Lookup | None = None


@dataclass(frozen=True, kw_only=True)
class TableRule:
    """A rule about the table as a whole, which has been checked already."""

    rule: str
    severity: Severity
    description: str
    checked: int
    failed: int
    examples: tuple[Example, ...] = field(default=())

    def summary(self) -> RuleSummary:
        """The rule's entry in the verdict."""
        return summary(self, self.checked, self.failed, self.examples)


Rule = RowRule | TableRule


def summary(rule: Rule, checked: int, failed: int, examples: Sequence[Example]) -> RuleSummary:
    """A rule's entry in the verdict."""
    return RuleSummary(
        rule=rule.rule,
        severity=rule.severity,
        description=rule.description,
        checked=checked,
        failed=failed,
        share=_share(failed, checked),
        examples=tuple(examples[:MOST_EXAMPLES]),
    )


def table_example(found: str, remedy: str) -> Example:
    """A finding about the table as a whole."""
    return Example(found=shortened(found), remedy=remedy)


def shortened(text: str) -> str:
    """At most 300 characters: findings travel in a run's history."""
    return text if len(text) <= _LONGEST_TEXT else text[: _LONGEST_TEXT - 3] + "..."


def shown(column: str) -> pl.Expr:
    """A column's value for a person: `1.5`, not `1.5000`; `missing` where there is none."""
    text = pl.col(column).map_batches(_as_text, return_dtype=pl.String, is_elementwise=True)
    return text.fill_null("missing")


def _as_text(values: pl.Series) -> pl.Series:
    text = values.cast(pl.String, strict=False)
    return (
        text.str.replace(r"(\.[0-9]*?)0+$", "${1}").str.strip_suffix(".")
        if (values.dtype.is_decimal())
        else text
    )


def _share(failed: int, checked: int) -> Decimal:
    if not failed:
        return Decimal(0)
    return divide(failed, checked, places=6, mode=RoundingMode.HALF_EVEN)
