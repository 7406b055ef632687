"""What the NAV was struck from: fixings, carried prices, and input files by hash."""

from typing import Any

from tenuto.activities.documents.figures import count, prose, short_day, trimmed, words
from tenuto.packs.finance.nav.models import NavResult


def fixings(result: NavResult) -> list[dict[str, Any]]:
    """One row per currency pair in use."""
    return [
        {
            "pair": f"1 {each.base}",
            "rate": f"{trimmed(each.rate, 4)} {each.quote}",
            "date": short_day(each.fixing_date),
            "age": count(each.age_days, "day", "days"),
            "source": words(each.source),
        }
        for each in result.fx
    ]


def carried_prices(result: NavResult) -> list[dict[str, Any]]:
    """Prior prices that a person decided to use again."""
    return [
        {
            "instrument": words(each.instrument_id),
            "reason": prose(each.reason),
            "by": words(each.by),
            "at": f"{each.at:%Y-%m-%d %H:%M} UTC",
        }
        for each in result.carried_prices
    ]


def inputs(result: NavResult, result_sha256: str) -> dict[str, Any]:
    """Input files by name and SHA-256, the result they gave, and the code that struck it."""
    return {
        "rows": [
            {"name": words(name), "sha256": sha256}
            for name, sha256 in sorted(result.inputs.items())
        ],
        "result": result_sha256,
        "positions": result.positions.sha256,
        "code_version": result.code_version,
    }
