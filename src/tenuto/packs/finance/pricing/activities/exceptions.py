"""What people must decide on: prices with a finding that does not just warn."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import polars as pl

from tenuto.packs.finance.pricing.activities.opened import OpenPricing
from tenuto.packs.finance.pricing.activities.rules.finding import shown
from tenuto.packs.finance.pricing.math.suggestions import Figures, Rival, suggest
from tenuto.packs.finance.pricing.models import CheckFinding, PriceException

Row = dict[str, Any]

_OPEN = ["review", "committee"]


def find_exceptions(
    opened: OpenPricing,
    prices: pl.DataFrame,
    moved: pl.DataFrame,
    candidates: pl.DataFrame,
    checks: pl.DataFrame,
) -> list[PriceException]:
    """One per instrument or exchange rate, sorted, each with all its findings."""
    is_open = checks.filter(pl.col("outcome").is_in(_OPEN))
    names = is_open["instrument_id"].unique()
    found = _grouped(checks.filter(pl.col("outcome") != "pass"), names)
    by_name = {
        "price": _one(prices, names),
        "move": _one(moved.select("instrument_id", "expected", "own_limit"), names),
        "name": _one(opened.instruments.select("instrument_id", "name"), names),
        "weight": _one(opened.weights, names),
    }
    rivals = _grouped(candidates.filter(pl.col("outcome") == "spare"), names)
    return [
        _exception(
            name,
            {kind: rows.get(name, {}) for kind, rows in by_name.items()},
            found[name],
            rivals.get(name, []),
            opened,
        )
        for name in sorted(names)
    ]


def _exception(
    name: str,
    rows: Mapping[str, Row],
    findings: list[Row],
    rivals: list[Row],
    opened: OpenPricing,
) -> PriceException:
    price = rows["price"]
    told = tuple(_finding(row) for row in findings)
    figures = Figures(
        rules=tuple(each.rule for each in told if each.severity != "warn"),
        price=plain(price.get("price")),
        source=price.get("source"),
        price_date=price.get("date"),
        age_days=price.get("age_days"),
        expected=rows["move"].get("expected"),
        change_limit=rows["move"].get("own_limit"),
        agree_limit=opened.policy.limits.spread_primary,
        rivals=tuple(_rival(row) for row in rivals),
    )
    is_committee = any(each.severity == "committee" for each in told)
    return PriceException(
        instrument_id=name,
        name=rows["name"].get("name") or "",
        severity="committee" if is_committee else "review",
        findings=told,
        price=plain(price.get("price")),
        currency=price.get("currency"),
        unit=price.get("unit"),
        source=price.get("source"),
        method=price.get("method"),
        price_date=price.get("date"),
        prior_price=plain(price.get("prior_price")),
        weight=plain(rows["weight"].get("weight")),
        suggestion=suggest(figures),
    )


def _finding(row: Row) -> CheckFinding:
    return CheckFinding(
        rule=row["rule"],
        severity=row["outcome"],
        value=plain(row["value"]),
        limit=plain(row["limit"]),
        evidence=row["evidence"],
    )


def _rival(row: Row) -> Rival:
    return Rival(
        source=row["source"],
        price=Decimal(shown(row["price"])),
        date=row["date"],
        age_days=row["age_days"],
    )


def plain(value: Decimal | None) -> Decimal | None:
    """The same number without filler zeros."""
    return None if value is None else Decimal(shown(value))


def _one(frame: pl.DataFrame, names: pl.Series) -> dict[str, Row]:
    wanted = frame.filter(pl.col("instrument_id").is_in(names.implode()))
    return {row["instrument_id"]: row for row in wanted.iter_rows(named=True)}


def _grouped(frame: pl.DataFrame, names: pl.Series) -> dict[str, list[Row]]:
    wanted = frame.filter(pl.col("instrument_id").is_in(names.implode()))
    groups: dict[str, list[Row]] = {}
    for row in wanted.iter_rows(named=True):
        groups.setdefault(row["instrument_id"], []).append(row)
    return groups
