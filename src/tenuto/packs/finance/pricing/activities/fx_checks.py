"""Exchange rates against the day before, and against the product of two others."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

import polars as pl

from tenuto.core.money import RoundingMode, round_to
from tenuto.packs.finance.pricing.activities.opened import OpenPricing
from tenuto.packs.finance.pricing.activities.schemas import CHECKS
from tenuto.packs.finance.pricing.math.severities import severity_of
from tenuto.packs.finance.pricing.policy import RuleId

_PLACES = 8

Rates = dict[tuple[str, str], Fraction]
Found = dict[str, object]


@dataclass(frozen=True, kw_only=True, slots=True)
class _Series:
    """The rates of one source, as far as the valuation date."""

    source: str
    days: dict[date, Rates]


def fx_findings(opened: OpenPricing) -> pl.DataFrame:
    """As `PricingAudit.checks`; the instrument is called `FX:EUR/USD`.

    Fractions, since a triangle within its limit must not fail by a rounding.
    """
    found: list[Found] = []
    for series in _series(opened):
        found += _changes(series, opened)
        found += _triangles(series, opened)
    return pl.DataFrame(found, schema=dict(CHECKS))


def _series(opened: OpenPricing) -> list[_Series]:
    days: dict[str, dict[date, Rates]] = defaultdict(lambda: defaultdict(dict))
    rows = opened.table("fx").filter(pl.col("date") <= opened.day)
    for day, base, quote, rate, source in rows.select(
        "date", "base", "quote", "rate", pl.col("source").fill_null("")
    ).iter_rows():
        days[source][day][base, quote] = Fraction(rate)
    return [_Series(source=name, days=dict(days[name])) for name in sorted(days)]


def _changes(series: _Series, opened: OpenPricing) -> list[Found]:
    last, *before = sorted(series.days, reverse=True)
    found = []
    for pair, rate in sorted(series.days[last].items()):
        earlier = next((each for each in before if pair in series.days[each]), None)
        if earlier is None:
            continue
        change = rate / series.days[earlier][pair] - 1
        evidence = f"{_percent(change)} since {earlier}"
        found.append(
            _finding(
                opened, series, pair, "fx-change", change, opened.policy.limits.fx_change, evidence
            )
        )
    return found


def _triangles(series: _Series, opened: OpenPricing) -> list[Found]:
    """Each pair against the path through a third currency from which it differs most."""
    rates = _both_ways(series.days[max(series.days)])
    found = []
    for pair in sorted(series.days[max(series.days)]):
        base, quote = pair
        over = [
            (abs(rates[pair] / (rates[base, third] * rates[third, quote]) - 1), third)
            for third in sorted({first for first, _ in rates} - {base, quote})
            if (base, third) in rates and (third, quote) in rates
        ]
        if over:
            gap, third = max(over)
            evidence = f"{_percent(gap)} from {base}/{third} x {third}/{quote}"
            limit = opened.policy.limits.fx_triangle
            found.append(_finding(opened, series, pair, "fx-triangle", gap, limit, evidence))
    return found


def _both_ways(rates: Rates) -> Rates:
    """Every rate also the other way round; one that is stated is not derived."""
    return {(quote, base): 1 / rate for (base, quote), rate in rates.items()} | rates


def _finding(
    opened: OpenPricing,
    series: _Series,
    pair: tuple[str, str],
    rule: RuleId,
    value: Fraction,
    limit: Decimal,
    evidence: str,
) -> Found:
    is_wrong = abs(value) > Fraction(limit)
    of_source = f" ({series.source})" if series.source else ""
    return {
        "instrument_id": f"FX:{pair[0]}/{pair[1]}",
        "rule": rule,
        "outcome": severity_of(rule, opened.policy) if is_wrong else "pass",
        "value": round_to(value, _PLACES, RoundingMode.HALF_EVEN),
        "limit": limit,
        "evidence": evidence + of_source,
        "quote_ref": None,
    }


def _percent(value: Fraction) -> str:
    return f"{float(value) * 100:+.3f} %"
