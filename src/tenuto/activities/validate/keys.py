"""Rules about keys: those that occur twice, and those that another table does not have."""

from collections.abc import Sequence

import polars as pl

from tenuto.activities.validate.findings import Lookup, RowRule, shown
from tenuto.catalog.library.validate.verdict import Severity


def duplicates(
    rule: str, severity: Severity, frame: pl.LazyFrame, columns: Sequence[str]
) -> RowRule:
    """Rows that share their key with another row. Rows whose key is incomplete are not checked.

    All of them fail: which one is right, nobody can say, and none depends on the rows' order.
    """
    known = pl.all_horizontal([pl.col(name).is_not_null() for name in columns])
    counted = frame.select(columns).filter(known).group_by(columns).len("tenuto count")
    mark = f"tenuto repeated {rule}"
    return RowRule(
        rule=rule,
        severity=severity,
        description=f"{', '.join(columns)} together occur once.",
        applies=known,
        fails=pl.col(mark).is_not_null(),
        found=pl.concat_str(key_text(columns), pl.lit(" occurs more than once")),
        remedy="keep the right one of these rows",
        lookup=Lookup(
            mark=mark,
            columns=tuple(columns),
            keys=counted.filter(pl.col("tenuto count") > 1).select(columns),
        ),
    )


def key_text(columns: Sequence[str]) -> pl.Expr:
    """A key for a person: `isin=..., date=...`."""
    return pl.concat_str(
        [pl.concat_str(pl.lit(f"{name}="), shown(name)) for name in columns], separator=", "
    )
