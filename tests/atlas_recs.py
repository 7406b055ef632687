"""The report on an invented reconciliation, with everything in it and in any size, to render."""

from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl

from tenuto.core.references import Column, Dataset
from tenuto.packs.finance.reconciliation.models import BREAK_COLUMNS, RecReport

DAY = date(2024, 1, 31)
PRIOR = date(2024, 1, 30)
BUCKETS = ("0-1", "2-5", "6-10", "11-30", "30+")
PRIORITIES = ("critical", "high", "medium", "low")
CLASSES = (
    ("quantity", "DATA"),
    ("missing-theirs", "DATA"),
    ("corporate-action", "TIMING"),
    ("price", "PRICING"),
)
KEYS = (
    "isin=US0378331005",
    "account=Custody account 4711 of the Atlas Global Equity Fund, isin=DE0001102606",
    "reference=ACCUMULATINGCERTIFICATEWITHOUTANYPLACETOBREAKTHELINEAT2032",
)

_DATES = {"item_date", "settle_date", "first_seen", "last_seen", "earlier_life"}
_NUMBERS = {"ours_items", "theirs_items", "candidates", "age", "lives"}
_CLAIMS = {"is_material", "is_estimated"}
_EXACT = {
    "ours_measure": 8,
    "theirs_measure": 8,
    "variance": 8,
    "variance_base": 8,
    "relative": 8,
    "bp_of_nav": 4,
}


def dataset(frame: pl.DataFrame, sha256: str = "5" * 64) -> Dataset:
    """A reference to `frame`, as if it lay in a store."""
    return Dataset(
        uri=f"artifact://{sha256}",
        sha256=sha256,
        bytes=4321,
        rows=frame.height,
        columns=tuple(Column(name=n, dtype=str(t)) for n, t in frame.schema.items()),
    )


def breaks(count: int = 60) -> pl.DataFrame:
    """Open breaks in every bucket and priority; every tenth is written off by a rule."""
    schema = {name: _dtype(name) for name, _ in BREAK_COLUMNS}
    return pl.DataFrame([_break(i) for i in range(count)], schema=schema)


def _break(i: int) -> dict[str, Any]:
    is_closed = i % 10 == 9
    worth = None if i % 17 == 3 else Decimal((count_down(i) * 7919) % 99_991) / 100
    return {
        "break_id": f"{i:016x}",
        "key": KEYS[i % len(KEYS)],
        "sides": "ours:custodian",
        "break_class": CLASSES[i % 4][0],
        "category": CLASSES[i % 4][1],
        "level": "L2_SUBLEDGER",
        "priority": PRIORITIES[i % 4],
        "is_material": i % 2 == 0,
        "status": "RESOLVED" if is_closed else "DETECTED",
        "resolution": "auto:small-change" if is_closed else "",
        "field": "quantity",
        "ours": f"{i * 100}",
        "theirs": "" if i % 4 == 1 else f"{i * 100 + 7}",
        "variance": Decimal(-7),
        "variance_base": worth,
        "bp_of_nav": Decimal("0.1234"),
        "is_estimated": False,
        "outcome": "New" if i % 3 else "Confirmed",
        "first_seen": PRIOR,
        "last_seen": DAY,
        "age": i % 40,
        "bucket": BUCKETS[i % 5],
        "lives": 1,
        "owner": "custody desk" if i % 2 else "",
    }


def count_down(i: int) -> int:
    return 1_000_003 - i


def _dtype(name: str) -> pl.DataType:
    if name in _DATES:
        return pl.Date()
    if name in _NUMBERS:
        return pl.Int64()
    if name in _CLAIMS:
        return pl.Boolean()
    return pl.Decimal(38, _EXACT[name]) if name in _EXACT else pl.String()


def write_offs(count: int = 3) -> pl.DataFrame:
    rows = [
        {
            "pass": "tolerance",
            "account": f"4711-{i}",
            "instrument": "US0378331005" if i % 2 else None,
            "currency": "USD",
            "ours": Decimal("100.01"),
            "theirs": Decimal("100.00"),
            "difference": Decimal("0.01") * (i + 1),
        }
        for i in range(count)
    ]
    schema: dict[str, pl.DataType] = {
        name: pl.String() for name in ("pass", "account", "instrument", "currency")
    }
    schema |= {name: pl.Decimal(38, 8) for name in ("ours", "theirs", "difference")}
    return pl.DataFrame(rows, schema=schema)


def suggestions(count: int = 4) -> pl.DataFrame:
    rows = [
        {
            "item": f"i{i}",
            "side": "ours",
            "candidate": f"c{i}",
            "candidate_side": "custodian",
            "pass": "fuzzy",
            "score": 91,
            "explanation": "same amount, one day later",
        }
        for i in range(count)
    ]
    names = ("item", "side", "candidate", "candidate_side", "pass", "score", "explanation")
    schema: dict[str, pl.DataType] = {
        name: pl.Int64() if name == "score" else pl.String() for name in names
    }
    return pl.DataFrame(rows, schema=schema)


def exceptions(count: int = 2) -> pl.DataFrame:
    rows = [
        {
            "side": "custodian",
            "file": "custodian.csv",
            "row": i + 2,
            "field": "quantity",
            "code": "table.not-a-number",
            "found": "`1.2.3`",
            "remedy": "write it with one decimal point",
        }
        for i in range(count)
    ]
    names = ("side", "file", "row", "field", "code", "found", "remedy")
    schema: dict[str, pl.DataType] = {
        name: pl.Int64() if name == "row" else pl.String() for name in names
    }
    return pl.DataFrame(rows, schema=schema)


def tables(count: int = 60) -> dict[str, pl.DataFrame]:
    """The tables of a report on `count` breaks, by field."""
    frame = breaks(count)
    return {
        "breaks": frame,
        "closed": frame.head(2),
        "write_offs": write_offs(3 if count else 0),
        "suggestions": suggestions(4 if count else 0),
        "exceptions": exceptions(2 if count else 0),
    }


def rec_report(stored: dict[str, Any] | None = None, count: int = 60, **changes: Any) -> RecReport:
    """A report that adds up; `stored` are its datasets by field."""
    frame = breaks(count)
    still_open = frame.filter(pl.col("status") == "DETECTED")
    given: dict[str, Any] = {
        "run_id": f"reconciliation/ATLAS-POSITIONS/{DAY}/v1",
        "rec_id": "ATLAS-POSITIONS",
        "name": "Atlas Global Equity Fund, positions against the custodian",
        "kind": "position",
        "date": DAY,
        "base_currency": "EUR",
        "measure": "quantity",
        "prior": f"reconciliation/ATLAS-POSITIONS/{PRIOR}/v1",
        "inputs": {"ours": "a" * 64, "custodian": "0123456789abcdef" * 4, "fx": "c" * 64},
        "code_version": "0.2.0",
        "is_estimated": False,
        "sides": tuple(_side(name, count) for name in ("ours", "custodian")),
        "passes": tuple(
            {
                "name": name,
                "kind": kind,
                "sides": ("ours", "custodian"),
                "matches": matches,
                "ours": matches,
                "theirs": matches + (kind == "group"),
                "difference": Decimal("0.06") if kind == "tolerance" else Decimal(0),
            }
            for name, kind, matches in (
                ("exact", "exact", 1_204_511),
                ("tolerance", "tolerance", 3),
                ("lots", "group", 1),
            )
        ),
        "classes": tuple(
            _counted(still_open, "break_class", name) | {"break_class": name, "category": category}
            for name, category in CLASSES
            if count
        ),
        "priorities": tuple(
            _counted(still_open, "priority", name) | {"priority": name} for name in PRIORITIES
        ),
        "ages": tuple(_counted(still_open, "bucket", name) | {"bucket": name} for name in BUCKETS),
        "open_breaks": still_open.height,
        "open_amount": _worth(still_open),
        "open_bp": Decimal("1.2345"),
        "unconverted": still_open["variance_base"].null_count(),
        "oldest_age": 39 if count else 0,
        "biggest": tuple(_line(row) for row in still_open.head(20).iter_rows(named=True)),
        "auto_resolved": (
            {
                "rule": "small-change",
                "action": "write-off",
                "owner": "custody desk",
                "expires": date(2024, 6, 30),
                "count": count // 10,
                "amount": Decimal("12.34"),
            },
            {
                "rule": "tolerance",
                "action": "write-off",
                "owner": "rules",
                "expires": None,
                "count": 3,
                "amount": Decimal("0.06"),
            },
        ),
        "roll": {
            "prior_date": PRIOR,
            "opening": 48,
            "new": max(still_open.height - 42, 0),
            "confirmed": 30,
            "changed": 12,
            "resolved": 6 if still_open.height > 41 else 48,
            "closing": still_open.height,
            "returned": 2,
        },
        "proofs": (
            {
                "kind": "proof-of-account",
                "side": "custodian",
                "subject": "4711 EUR",
                "expected": Decimal("1000.00"),
                "found": Decimal("1012.50"),
                "difference": Decimal("12.50"),
                "is_proven": False,
                "note": "Items do not explain the balances.",
            },
            {
                "kind": "statement-integrity",
                "side": "custodian",
                "subject": "4711 USD",
                "expected": Decimal("55.1"),
                "found": Decimal("55.1"),
                "difference": Decimal(0),
                "is_proven": True,
            },
            {
                "kind": "units-roll-forward",
                "side": "ours",
                "subject": "A-EUR",
                "expected": None,
                "found": Decimal(100),
                "difference": None,
                "is_proven": False,
                "note": "No units of the prior day.",
            },
        ),
        "agreement": (
            {"outcome": "all-agree", "count": 1200},
            {"outcome": "one-differs", "side": "custodian", "count": 17},
            {"outcome": "two-missing", "side": "ours", "count": 2},
        ),
        "drill_down": (
            {
                "subject": "A-EUR",
                "level": "L0_NAV",
                "ours": Decimal("1000000.12"),
                "theirs": Decimal("999990.12"),
                "difference": Decimal(10),
                "explained": Decimal("9.5"),
            },
        ),
        "root_causes": (
            {
                "cause": "corporate-action US0378331005",
                "break_ids": ("0" * 16, "1" * 16),
                "count": 2,
                "amount": Decimal("1234.5"),
            },
        ),
        "not_compared": ("price",),
        "problems": 2,
        "matches": dataset(frame),
        "write_offs": dataset(write_offs()),
        "ended": dataset(frame),
        "breaks": dataset(frame),
        "closed": dataset(frame),
        "suggestions": dataset(suggestions()),
        "exceptions": dataset(exceptions()),
        "items": dataset(frame),
    }
    return RecReport.model_validate(given | (stored or {}) | changes)


def calm_report(**changes: Any) -> RecReport:
    """Nothing differs, nothing is known from before, and no NAV is given."""
    zero = Decimal(0)
    roll = dict.fromkeys(("opening", "new", "confirmed", "changed", "resolved", "closing"), 0)
    calm: dict[str, Any] = {
        "prior": None,
        "open_bp": None,
        "open_amount": zero,
        "auto_resolved": (),
        "proofs": (),
        "agreement": (),
        "drill_down": (),
        "root_causes": (),
        "not_compared": (),
        "problems": 0,
        "roll": roll | {"prior_date": None, "returned": 0},
        "write_offs": dataset(write_offs(0)),
    }
    return rec_report(None, 0, **(calm | changes))


def _side(name: str, count: int) -> dict[str, Any]:
    return {
        "side": name,
        "rows": 1_204_515 + count,
        "matched": 1_204_515 - 3,
        "unmatched": count,
        "excluded": 3,
        "carried": 2 if count else 0,
        "unreadable": 1 if count else 0,
        "amount": Decimal("88123456.78"),
        "matched_amount": Decimal(88000000),
        "unmatched_amount": Decimal("123450.78"),
        "excluded_amount": Decimal(6),
        "source": dataset(breaks(1)),
    }


def _counted(frame: pl.DataFrame, column: str, name: str) -> dict[str, Any]:
    part = frame.filter(pl.col(column) == name)
    return {"count": part.height, "amount": _worth(part)}


def _worth(frame: pl.DataFrame) -> Decimal:
    return sum((abs(each) for each in frame["variance_base"].drop_nulls()), Decimal(0))


def _line(row: dict[str, Any]) -> dict[str, Any]:
    names = (
        *("break_id", "break_class", "priority", "outcome", "key", "field", "ours", "theirs"),
        *("variance", "variance_base", "bp_of_nav", "first_seen", "age", "owner"),
    )
    return {name: row[name] for name in names}
