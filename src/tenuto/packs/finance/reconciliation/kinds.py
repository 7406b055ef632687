"""What each kind of reconciliation compares, unless its rules say otherwise."""

from dataclasses import dataclass
from typing import Literal

RecKind = Literal["cash", "balance", "position", "transaction", "nav", "units", "valuation"]
FieldKind = Literal["text", "identifier", "decimal", "date", "currency"]
Level = Literal["L0_NAV", "L1_GL", "L2_SUBLEDGER", "L3_TRANSACTION"]
BreakClass = Literal[
    "missing-ours",
    "missing-theirs",
    "quantity",
    "price",
    "amount",
    "timing",
    "currency",
    "fx",
    "fee-tax",
    "corporate-action",
    "duplicate",
    "ambiguous",
    "rounding",
    "identifier",
    "sign",
    "attribute",
]
Category = Literal["TIMING", "METHODOLOGY", "DATA", "PRICING", "CONFIGURATION", "ROUNDING"]

CATEGORIES: dict[BreakClass, Category] = {
    "missing-ours": "DATA",
    "missing-theirs": "DATA",
    "quantity": "DATA",
    "price": "PRICING",
    "amount": "DATA",
    "timing": "TIMING",
    "currency": "DATA",
    "fx": "PRICING",
    "fee-tax": "METHODOLOGY",
    "corporate-action": "TIMING",
    "duplicate": "DATA",
    "ambiguous": "CONFIGURATION",
    "rounding": "ROUNDING",
    "identifier": "DATA",
    "sign": "CONFIGURATION",
    "attribute": "DATA",
}
"""The category of each class, where no classification rule gives another."""

QUANTITY_PLACES = 8
PRICE_PLACES = 10
AMOUNT_PLACES = 8


@dataclass(frozen=True, slots=True)
class KindDefaults:
    """One kind's fields and rules, as plain values that `RecRules` checks like a user's."""

    fields: tuple[tuple[str, FieldKind, int], ...]
    """Name, kind, decimals."""
    partition: tuple[str, ...]
    identity: tuple[tuple[str, ...], ...]
    compare: tuple[dict[str, object], ...]
    passes: tuple[dict[str, object], ...]
    measure: str
    value: str | None
    """The decimal that says what an item is worth; None where the kind has no money."""
    level: Level
    rank_missing_by: Literal["relative", "amount"] = "relative"
    carry_open: bool = False


_SECURITY: tuple[tuple[str, FieldKind, int], ...] = (
    ("isin", "identifier", 0),
    ("cusip", "identifier", 0),
    ("sedol", "identifier", 0),
    ("instrument_id", "text", 0),
    ("name", "text", 0),
    ("type", "text", 0),
    ("currency", "currency", 0),
)
_SECURITY_KEYS = (("isin",), ("cusip",), ("sedol",), ("instrument_id",))

_QUANTITY_MARGINS = {
    "equity": {"absolute": "10", "relative": "0.001"},
    "bond": {"absolute": "10000", "relative": "0.001"},
    "fx": {"relative": "0.0001"},
    "cash": {},
}


def _keyed(keys: tuple[tuple[str, ...], ...], *, sums: bool) -> tuple[dict[str, object], ...]:
    """Equal, then within tolerance, then lots against a total, then what differs side by side."""
    group = {"name": "lots", "kind": "group", "keys": keys}
    return (
        {"name": "exact", "kind": "exact", "keys": keys},
        {"name": "tolerance", "kind": "tolerance", "keys": keys},
        *((group,) if sums else ()),
        {"name": "side-by-side", "kind": "pair", "keys": keys},
    )


DEFAULTS: dict[RecKind, KindDefaults] = {
    "position": KindDefaults(
        fields=(
            ("account", "text", 0),
            *_SECURITY,
            ("quantity", "decimal", QUANTITY_PLACES),
            ("price", "decimal", PRICE_PLACES),
            ("market_value", "decimal", AMOUNT_PLACES),
        ),
        partition=("account",),
        identity=_SECURITY_KEYS,
        compare=(
            {"field": "quantity", "break_class": "quantity", "by_type": _QUANTITY_MARGINS},
            {"field": "price", "break_class": "price"},
            {"field": "market_value", "break_class": "amount", "margin": {"absolute": "0.01"}},
            {"field": "currency", "break_class": "currency"},
        ),
        passes=_keyed(_SECURITY_KEYS, sums=True),
        measure="quantity",
        value="market_value",
        level="L2_SUBLEDGER",
    ),
    "valuation": KindDefaults(
        fields=(
            ("account", "text", 0),
            *_SECURITY,
            ("price", "decimal", PRICE_PLACES),
            ("market_value", "decimal", AMOUNT_PLACES),
        ),
        partition=("account",),
        identity=_SECURITY_KEYS,
        compare=(
            {"field": "price", "break_class": "price"},
            {"field": "market_value", "break_class": "amount", "margin": {"absolute": "0.01"}},
            {"field": "currency", "break_class": "currency"},
        ),
        passes=_keyed(_SECURITY_KEYS, sums=False),
        measure="market_value",
        value="market_value",
        level="L2_SUBLEDGER",
    ),
    "balance": KindDefaults(
        fields=(
            ("account", "text", 0),
            ("currency", "currency", 0),
            ("balance", "decimal", AMOUNT_PLACES),
        ),
        partition=(),
        identity=(("account", "currency"),),
        compare=({"field": "balance", "break_class": "amount"},),
        passes=_keyed((("account", "currency"),), sums=False),
        measure="balance",
        value="balance",
        level="L1_GL",
    ),
    "cash": KindDefaults(
        fields=(
            ("account", "text", 0),
            ("currency", "currency", 0),
            ("reference", "text", 0),
            ("date", "date", 0),
            ("amount", "decimal", AMOUNT_PLACES),
            ("description", "text", 0),
        ),
        partition=("account", "currency"),
        identity=(("reference",), ("date", "amount")),
        compare=(
            {"field": "amount", "break_class": "amount"},
            {"field": "date", "break_class": "timing", "days": 2},
        ),
        passes=(
            {"name": "reference", "kind": "exact", "keys": (("reference",),)},
            {"name": "amount-and-date", "kind": "exact", "keys": (("date", "amount"),)},
            {"name": "tolerance", "kind": "tolerance", "keys": (("reference",), ())},
            {"name": "bulk", "kind": "group", "keys": (("reference",),)},
            {"name": "side-by-side", "kind": "pair", "keys": (("reference",),)},
        ),
        measure="amount",
        value="amount",
        level="L3_TRANSACTION",
        rank_missing_by="amount",
        carry_open=True,
    ),
    "transaction": KindDefaults(
        fields=(
            ("account", "text", 0),
            ("reference", "text", 0),
            *_SECURITY,
            ("trade_date", "date", 0),
            ("settle_date", "date", 0),
            ("quantity", "decimal", QUANTITY_PLACES),
            ("price", "decimal", PRICE_PLACES),
            ("amount", "decimal", AMOUNT_PLACES),
            ("counterparty", "text", 0),
            ("description", "text", 0),
        ),
        partition=("account",),
        identity=(("reference",), ("isin", "trade_date", "amount"), ("trade_date", "amount")),
        compare=(
            {"field": "amount", "break_class": "amount", "margin": {"absolute": "0.01"}},
            {"field": "quantity", "break_class": "quantity"},
            {"field": "currency", "break_class": "currency"},
            {"field": "trade_date", "break_class": "timing", "days": 1},
        ),
        passes=(
            {"name": "reference", "kind": "exact", "keys": (("reference",),)},
            {
                "name": "tolerance",
                "kind": "tolerance",
                "keys": (("reference",), ("isin", "currency"), ("currency",)),
            },
            {"name": "block", "kind": "group", "keys": (("reference",),)},
            {"name": "side-by-side", "kind": "pair", "keys": (("reference",),)},
        ),
        measure="amount",
        value="amount",
        level="L3_TRANSACTION",
        rank_missing_by="amount",
        carry_open=True,
    ),
    "nav": KindDefaults(
        fields=(
            ("class_id", "text", 0),
            ("level", "text", 0),
            ("line", "text", 0),
            ("currency", "currency", 0),
            ("amount", "decimal", AMOUNT_PLACES),
        ),
        partition=(),
        identity=(("class_id", "level", "line"),),
        compare=(
            {"field": "amount", "break_class": "amount"},
            {"field": "currency", "break_class": "currency"},
        ),
        passes=_keyed((("class_id", "level", "line"),), sums=False),
        measure="amount",
        value="amount",
        level="L0_NAV",
    ),
    "units": KindDefaults(
        fields=(
            ("class_id", "text", 0),
            ("opening", "decimal", QUANTITY_PLACES),
            ("subscriptions", "decimal", QUANTITY_PLACES),
            ("redemptions", "decimal", QUANTITY_PLACES),
            ("closing", "decimal", QUANTITY_PLACES),
        ),
        partition=(),
        identity=(("class_id",),),
        compare=(
            {"field": "closing", "break_class": "quantity"},
            {"field": "opening", "break_class": "quantity"},
            {"field": "subscriptions", "break_class": "quantity"},
            {"field": "redemptions", "break_class": "quantity"},
        ),
        passes=_keyed((("class_id",),), sums=False),
        measure="closing",
        value=None,
        level="L2_SUBLEDGER",
    ),
}
