"""The report on an invented price set, with everything in it and in any size, to render."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import polars as pl

from tenuto.core.references import Document
from tenuto.packs.finance.pricing.activities.schemas import PRICE_SET
from tenuto.packs.finance.pricing.models import PricingReport

DAY = date(2024, 1, 31)
PRIOR = date(2024, 1, 30)
AT = datetime(2024, 1, 31, 17, 5, tzinfo=UTC)
NAMES = [
    "Apple Inc.",
    "Advanced Micro Devices, Inc. Common Stock of the Par Value of One Cent Each",
    "Bundesrepublik Deutschland 1.70% 15/08/2032",
    "Société Générale S.A.",
    "ACCUMULATINGCERTIFICATEWITHOUTANYPLACETOBREAKTHELINEAT2032",
]
SOURCES = ("EXCHANGE", "EVALUATED-PRICES-VENDOR", "DESK-BROKER", "FORMER-VENDOR")


def instrument(i: int) -> str:
    return f"US{i:010d}"


def document(name: str, sha256: str = "e" * 64) -> Document:
    return Document(uri=f"artifact://{sha256}", sha256=sha256, bytes=2_345_678, name=name)


def price_exception(i: int, **changes: Any) -> dict[str, Any]:
    """Every fifth has no price at all; every third is the committee's."""
    is_missing = i % 5 == 4
    found = {
        "rule": "missing" if is_missing else ("own-change", "stale", "source-spread")[i % 3],
        "severity": "committee" if i % 3 == 0 else "review",
        "value": None if is_missing else Decimal("0.18234567"),
        "limit": None if is_missing else Decimal("0.1"),
        "evidence": "No source of the waterfall has a quote within 5 trading days."
        if is_missing
        else "EXCHANGE says 118.23 on 2024-01-31, 100 the day before: +18.23%, limit 10%.",
    }
    peer = found | {"rule": "peer", "evidence": "Its peer US0000000001 moved +0.41%."}
    given: dict[str, Any] = {
        "instrument_id": instrument(i),
        "name": NAMES[i % len(NAMES)],
        "severity": found["severity"],
        "findings": (found,) if i % 2 else (found, peer),
        "price": None if is_missing else Decimal("118.2300000000"),
        "currency": "USD",
        "unit": "per100" if i % 4 == 2 else "unit",
        "source": None if is_missing else "EVALUATED-PRICES-VENDOR",
        "method": None if is_missing else "source",
        "price_date": None if is_missing else DAY,
        "prior_price": Decimal(100),
        "weight": Decimal("0.0125"),
        "suggestion": {"action": None, "reason": "Two sources agree within 0.1%."},
        "opened_at": AT,
        "owner": "m.okafor" if i % 2 else None,
        "remarks": ({"by": "a.berger", "text": "Called the desk, waiting.", "at": AT},)
        if i % 4 == 0
        else (),
    }
    return given | changes


def decision(i: int, **changes: Any) -> dict[str, Any]:
    given: dict[str, Any] = {
        "instrument_id": instrument(i),
        "action": ("accept", "override", "next_source", "challenge_vendor")[i % 4],
        "by": "a.berger",
        "approver": "m.okafor" if i % 3 == 0 else None,
        "reason": "Takeover bid announced before the opening; two brokers confirm the level.",
        "at": AT,
        "price": Decimal("118.23"),
    }
    return given | changes


def override(i: int, **changes: Any) -> dict[str, Any]:
    given: dict[str, Any] = {
        "override_id": f"{DAY}/{instrument(i)}/1",
        "instrument_id": instrument(i),
        "price": Decimal("52.5"),
        "currency": "EUR",
        "unit": "unit",
        "reason": "Trading is suspended; the broker's indicative level of this morning.",
        "evidence": document("call-notes-2024-01-31.pdf"),
        "by": "a.berger",
        "approver": "m.okafor",
        "made_at": AT,
        "effective": DAY,
        "expires_on": date(2024, 2, 7),
        "old_price": Decimal("49.75"),
    }
    return given | changes


def pricing_report(count: int = 20, raised: int = 8, **changes: Any) -> PricingReport:
    """A report on `count` instruments; every other exception is decided."""
    asked = [price_exception(i) for i in range(raised)]
    gone = tuple(each["instrument_id"] for each in asked if each["price"] is None)
    given: dict[str, Any] = {
        "pricing_id": f"pricing/EOD-GLOBAL/{DAY}/v1",
        "policy_id": "EOD-GLOBAL",
        "policy_name": "End of day, global equities and credit",
        "policy_sha256": "a" * 64,
        "date": DAY,
        "prior_date": PRIOR,
        "counts": {
            "instruments": count,
            "priced": count - len(gone),
            "missing": len(gone),
            "flagged": 4,
            "quotes": count * 3,
            "exceptions": raised,
            "unanswered": raised // 2,
            "overrides": 1,
            "by_method": {"source": 12_345, "prior": 3, "broker": 41, "model": 210, "override": 1},
        },
        "exceptions": tuple(asked),
        "decisions": tuple(decision(i) for i in range(0, raised, 2)),
        "warning_count": 1_234,
        "warnings": tuple(
            {"instrument_id": instrument(i), "finding": price_exception(i)["findings"][0]}
            for i in range(raised)
        ),
        "missing": gone,
        "sources": tuple(
            {
                "source": name,
                "kind": (None if i == 3 else ("exchange", "evaluated", "broker")[i]),
                "expected": (count, count, 5, 0)[i],
                "covered": max(0, (count - 1, count - 3, 2, 0)[i]),
                "used": max(0, (count - 4, 2, 1, 0)[i]),
                "stale": 1,
                "late": 0,
                "corrected": 2,
                "failed": 1,
                "challenged": 1,
                "score": (Decimal("0.9512"), Decimal("0.8"), Decimal("0.2"), None)[i],
            }
            for i, name in enumerate(SOURCES)
        ),
        "files": tuple(
            {
                "input": name,
                "name": f"{name}-2024-01-31.csv",
                "uri": f"artifact://{'b' * 64}",
                "sha256": "0123456789abcdef" * 4,
                "bytes": 2_345_678,
                "rows": 61_234,
            }
            for name in ("quotes", "instruments", "fx", "holdings")
        ),
        "levels": (
            {"level": 1, "instruments": 12_001, "weight": Decimal("0.61")},
            {"level": 2, "instruments": 588, "weight": Decimal("0.3812")},
            {"level": 3, "instruments": 11, "weight": Decimal("0.0088")},
        ),
        "transfers": (
            {
                "instrument_id": instrument(3),
                "prior_level": 1,
                "level": 3,
                "reason": "EXCHANGE before, now override by override (0 trading day(s) old)",
            },
        ),
        "overrides": (override(1),),
        "expired_overrides": (override(2, expires_on=PRIOR, old_price=None),),
        "fair_values": (
            {
                "instrument_id": instrument(7),
                "method": "model",
                "price": Decimal("98.1250000000"),
                "level": 2,
                "inputs": {"yield": "0.0312, curve EUR-GOV", "spread": "0.0085, desk"},
                "reason": "No quote within the look-back; a bond with a curve.",
                "approver": "m.okafor",
            },
        ),
        "changes": tuple(
            {
                "instrument_id": instrument(i),
                "name": NAMES[i % len(NAMES)],
                "type": "fx_forward" if i % 4 == 0 else "equity",
                "prior_price": Decimal(100),
                "price": Decimal(100) + (-1) ** i * (Decimal(40) - i),
                "change": (-1) ** i * (Decimal("0.40") - Decimal(i) / 100),
            }
            for i in range(min(count, 30))
        ),
    }
    return PricingReport.model_validate(given | changes)


def empty_report() -> PricingReport:
    """Nothing was asked, nothing was found: the first set of a policy without instruments."""
    nothing = dict.fromkeys(
        ("exceptions", "decisions", "warnings", "missing", "sources", "files", "levels"), ()
    ) | dict.fromkeys(("transfers", "overrides", "expired_overrides", "fair_values", "changes"), ())
    counts = pricing_report(0, 0).counts.model_copy(
        update={"flagged": 0, "quotes": 0, "overrides": 0, "by_method": {}}
    )
    other = {"counts": counts, "prior_date": None, "warning_count": 0}
    return pricing_report(0, 0).model_copy(update=nothing | other)


def price_set(count: int = 20) -> pl.DataFrame:
    """The `PriceSet` of the report; every fifth has no price."""
    rows = [
        {
            "instrument_id": instrument(i),
            "type": "equity",
            "date": DAY,
            "price": None if i % 5 == 4 else Decimal("118.2312345678"),
            "currency": "USD",
            "unit": "unit",
            "source": "EXCHANGE",
            "field": "close",
            "rule": "all",
            "method": None if i % 5 == 4 else "source",
            "level": None if i % 5 == 4 else 1,
            "age_days": 0,
            "flags": "own-change,peer" if i % 3 == 0 else "",
            "override_id": None,
            "quote_ref": f"{'b' * 64}:{i + 2}",
            "received_at": AT,
            "prior_price": Decimal(100),
            "change": Decimal("0.18231235"),
            "approver": None,
            "inputs": None,
        }
        for i in range(count)
    ]
    return pl.DataFrame(rows, schema=PRICE_SET)
